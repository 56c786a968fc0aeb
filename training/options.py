"""The options that every training command has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

# Options that change nothing about a model.
_OTHERS = ("run", "data", "out", "fresh", "snapshot", "compared")
Command = TypeVar("Command", bound=Callable[..., Any])
DATA = Path("build/training/data")


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
            default=DATA,
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

    return lambda command: with_options(command, options)


def with_options(command: Command, options: Sequence[Callable[[Any], Any]]) -> Command:
    """Adds options to a command, in which order its help shows them."""
    for option in reversed(options):
        command = option(command)
    return command


def compression_options(command: Command) -> Command:
    """Adds `--start`, `--quantize`, `--density` and `--block` to a command."""
    return with_options(
        command,
        [
            click.option(
                "--start",
                type=click.Path(path_type=Path, file_okay=False, exists=True),
                help="A model directory whose weights training starts from.",
            ),
            click.option(
                "--quantize",
                type=click.Choice(["none", "int8"]),
                default="none",
                show_default=True,
                help="Train with weights and inputs rounded as the type does.",
            ),
            click.option(
                "--density",
                type=click.FloatRange(0, 1, min_open=True),
                default=1.0,
                show_default=True,
                help="The part of each matrix's blocks that is left in the end.",
            ),
            click.option(
                "--block",
                type=click.Choice(["16x1", "8x4"]),
                default="16x1",
                show_default=True,
                help="Outputs x inputs: 16x1 for float32 and bfloat16, 8x4 for int8.",
            ),
        ],
    )


def spoken(context: click.Context) -> str:
    """The command that trains the same model: with the options that are not as by default."""
    words = ["python -m training", str(context.info_name)]
    for option in context.command.params:
        value = context.params[str(option.name)]
        if option.name in _OTHERS or value is None:
            continue
        if value != option.get_default(context):
            words += [option.opts[0], value.name if isinstance(value, Path) else str(value)]
    return " ".join(words)
