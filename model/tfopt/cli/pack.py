"""`tfopt pack`."""

from __future__ import annotations

from pathlib import Path

import click

from tfopt.cli.compute_types import compute_type_option
from tfopt.cli.paths import PATH
from tfopt.pack import pack


@click.command(epilog="Example: tfopt pack g2p_en-2.1.0 --out g2p_en-2.1.0.tfopt")
@click.argument("model")
@click.option("--out", required=True, type=PATH, help="File to write.")
@compute_type_option
def command(model: str, out: Path, compute_type: str) -> None:
    """Write MODEL, a name or a directory, as one file for the program tfopt-native."""
    if out.is_dir() or not out.parent.is_dir():
        raise ValueError(f"--out: expected a file in a folder that exists, got {str(out)!r}")
    size = pack(model, out, compute_type)
    click.echo(f"wrote {out}: {size / 1e6:.1f} MB")
