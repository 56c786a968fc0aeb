"""`tfopt export`."""

from __future__ import annotations

from pathlib import Path

import click

from tfopt import g2p


@click.command(epilog="Example: tfopt export --model g2p_en-2.1.0 --out saved-model")
@click.option("--model", default=g2p.DEFAULT_MODEL, show_default=True, help="Name or directory.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Directory to write.")
@click.option("--force", is_flag=True, help="Replace the directory if it exists.")
def command(model: str, out: Path, force: bool) -> None:
    """Write a model as a SavedModel that takes strings.

    Its signature "serve" takes words, string [batch], and gives phonemes, string [batch, steps]
    (empty behind a word's last), and lengths, int32 [batch]. It runs without tfopt.
    """
    g2p.load(model).export(out, replace=force)
    click.echo(f"wrote {out}")
