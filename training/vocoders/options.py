"""The options that both vocoders have beside those of every training command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from training.options import Command, with_options


def vocoder_options(name: str) -> Callable[[Command], Command]:
    """Adds `--out`, `--snapshot`, `--rate`, `--precision` and `--compared` to a command.

    Args:
        name: Of the model that is made.
    """
    options = [
        click.option(
            "--out",
            type=click.Path(path_type=Path, file_okay=False),
            default=Path("build/training", name, "model"),
            show_default=True,
            help="The model directory to write in the end; one that is there is replaced.",
        ),
        click.option(
            "--snapshot",
            is_flag=True,
            help="Train no more: write the model directory of the last checkpoint.",
        ),
        click.option(
            "--rate",
            type=click.FloatRange(0, min_open=True),
            default=1e-3,
            show_default=True,
            help="The highest learning rate.",
        ),
        click.option(
            "--precision",
            type=click.Choice(["float32", "mixed_bfloat16"]),
            default="mixed_bfloat16",
            show_default=True,
            help="What products are computed in; weights are float32.",
        ),
        click.option(
            "--compared",
            type=click.IntRange(0, 60),
            default=60,
            show_default=True,
            help="Held-out recordings that the finished model makes anew, for its card.",
        ),
    ]

    return lambda command: with_options(command, options)
