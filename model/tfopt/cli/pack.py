"""`tfopt pack`."""

from __future__ import annotations

from pathlib import Path

import click

from tfopt import model_kinds, models
from tfopt.cli.compute_types import compute_type_option, report_compute_type
from tfopt.cli.paths import PATH
from tfopt.compute_types import AUTO, chosen
from tfopt.pack import pack


@click.command(epilog="Example: tfopt pack g2p_en-2.1.0 --out g2p_en-2.1.0.tfopt")
@click.argument("model")
@click.option("--out", required=True, type=PATH, help="File to write.")
@compute_type_option
def command(model: str, out: Path, compute_type: str) -> None:
    """Write MODEL, a name or a directory, as one file for the program tfopt-native."""
    if out.is_dir() or not out.parent.is_dir():
        raise ValueError(f"--out: expected a file in a folder that exists, got {str(out)!r}")
    if compute_type == AUTO:
        quantization = model_kinds.read(models.find(model)).config.quantization
        compute_type = chosen(AUTO, "native", quantization)
        report_compute_type(AUTO, compute_type)
    size = pack(model, out, compute_type)
    click.echo(f"wrote {out}: {size / 1e6:.1f} MB")
