"""The options that every training command has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
_DATA = Path("build/training/data")


def run_options(name: str, epochs: int) -> Callable[[Command], Command]:
    """Adds `--run`, `--data`, `--epochs`, `--seed` and `--fresh` to a command.

    Args:
        name: Of the run's folder, below build/training.
        epochs: The default of `--epochs`.
    """
    options = [
        click.option(
            "--run",
            type=click.Path(path_type=Path, file_okay=False),
            default=Path("build/training", name),
            show_default=True,
            help="The folder of checkpoint and learning curves; a run found there is continued.",
        ),
        click.option(
            "--data",
            type=click.Path(path_type=Path, file_okay=False),
            default=_DATA,
            show_default=True,
            help="Where downloaded data lie, or are put.",
        ),
        click.option(
            "--epochs",
            type=click.IntRange(min=1),
            default=epochs,
            show_default=True,
            help="Of the whole run; the learning rate's schedule is as long.",
        ),
        click.option(
            "--seed", type=int, default=1, show_default=True, help="Of everything random."
        ),
        click.option(
            "--fresh", is_flag=True, help="Start anew, whatever lies in the run's folder."
        ),
    ]

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add
