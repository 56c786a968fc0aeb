"""`tfopt prune`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tfopt.cli.paths import PATH
from tfopt.pruning import BLOCKS, BlockCount, prune


@click.command(epilog="Example: tfopt prune my-wavernn --density 0.1 --out my-wavernn-sparse")
@click.argument("model")
@click.option("--density", required=True, type=float, help="Part of the blocks to keep, as 0.1.")
@click.option(
    "--block",
    type=click.Choice(list(BLOCKS)),
    default="16x1",
    show_default=True,
    help="Outputs x inputs of a block: 16x1 for float32 and bfloat16, 8x4 for int8.",
)
@click.option(
    "--layers",
    metavar="PATTERN",
    multiple=True,
    help="Tensors to prune, as 'rnn.*'; may be repeated. [all that can be sparse]",
)
@click.option("--out", required=True, type=PATH, help="Directory to write.")
@click.option("--force", is_flag=True, help="Replace the directory if it exists.")
def command(
    model: str, density: float, block: str, layers: Sequence[str], out: Path, force: bool
) -> None:
    """Set the smallest blocks of a trained model's matrices to zero.

    MODEL is a name or a directory. The backend native leaves blocks of zeros out where at most
    half of a matrix is left: the less, the faster it is, and the worse the model, which is not
    trained again. A compute type leaves out only blocks of its own shape, so prune for the one
    you use: where one in ten blocks of 8x4 is left, so are two in ten of 16x1; where one in ten
    of 16x1 is left, three in ten of 8x4. int16 leaves none out.
    """
    counts = prune(model, out, density=density, block=block, layers=layers, replace=force)
    Console().print(_table(counts))
    click.echo(f"wrote {out}")


def _table(counts: Mapping[str, BlockCount]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("tensor", no_wrap=True)
    for heading in ("blocks", "not zero", "density"):
        table.add_column(heading, justify="right")
    total = sum(counts.values(), BlockCount(0, 0))
    for name, count in [*counts.items(), ("together", total)]:
        table.add_row(name, f"{count.all:,}", f"{count.kept:,}", f"{count.density:.4f}")
    return table
