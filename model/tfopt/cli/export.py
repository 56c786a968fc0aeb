"""`tfopt export`."""

from __future__ import annotations

from pathlib import Path

import click

from tfopt import g2p, model_directory, models, wavenet, wavernn
from tfopt.cli.paths import PATH


@click.command(epilog="Example: tfopt export --model g2p_en-2.1.0 --out saved-model")
@click.option("--model", default=g2p.DEFAULT_MODEL, show_default=True, help="Name or directory.")
@click.option("--out", required=True, type=PATH, help="Directory to write.")
@click.option("--force", is_flag=True, help="Replace the directory if it exists.")
def command(model: str, out: Path, force: bool) -> None:
    """Write a model as a SavedModel, which runs without tfopt.

    Grapheme-to-phoneme: the signature "serve" takes words, string [batch], and gives phonemes, string
    [batch, steps] (empty behind a word's last), and lengths, int32 [batch].

    WaveNet: the signature "generate" takes the conditioning or the number of samples, the speaker if
    the model has several, streams, seed and temperature, and gives audio, float32 [batch, time].

    WaveRNN: the same of mel, float32 [batch, frames, bands], streams, seed and temperature.
    """
    kind = model_directory.read_settings(models.find(model)).get("kind")
    if kind == "wavenet":
        wavenet.load(model, backend="graph").export(out, replace=force)
    elif kind == "wavernn":
        wavernn.load(model, backend="graph").export(out, replace=force)
    else:
        g2p.load(model, backend="graph").export(out, replace=force)
    click.echo(f"wrote {out}")
