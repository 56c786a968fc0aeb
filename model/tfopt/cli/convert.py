"""`tfopt convert`."""

from __future__ import annotations

from pathlib import Path

import click

from tfopt.convert import g2p_en

KINDS = {"g2p-en": g2p_en.convert}


@click.command(epilog="Example: tfopt convert g2p-en g2p_en-2.1.0-py3-none-any.whl --out my-g2p")
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Directory to write.")
@click.option("--force", is_flag=True, help="Replace the directory if it exists.")
def command(kind: str, source: Path, out: Path, force: bool) -> None:
    """Make a model directory of another project's weights.

    KIND g2p-en: SOURCE is a wheel of g2p-en, its unpacked g2p_en folder, the checkpoint20.npz of
    version 2.x, or the checkpoint prefix of version 1.x (the path without ".index").
    """
    KINDS[kind](source, out, replace=force)
    click.echo(f"wrote {out}")
