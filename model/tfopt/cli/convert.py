"""`tfopt convert`."""

from __future__ import annotations

from pathlib import Path

import click

from tfopt.cli.paths import PATH
from tfopt.convert import fatchord_wavernn, g2p_en, ibab_wavenet, pytorch_wavenet

WAVENETS = {"ibab-wavenet": ibab_wavenet.convert, "pytorch-wavenet": pytorch_wavenet.convert}
KINDS = ("g2p-en", *WAVENETS, "fatchord-wavernn")


@click.command(epilog="Example: tfopt convert g2p-en g2p_en-2.1.0-py3-none-any.whl --out my-g2p")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("source", type=PATH)
@click.option("--out", required=True, type=PATH, help="Directory to write.")
@click.option(
    "--config",
    type=PATH,
    help="JSON file with the settings of a WaveNet or WaveRNN.",
)
@click.option(
    "--sample-rate", type=int, help="Of a WaveNet, in Hz, if the settings lack it. [16000]"
)
@click.option("--force", is_flag=True, help="Replace the directory if it exists.")
def command(
    kind: str, source: Path, out: Path, config: Path | None, sample_rate: int | None, force: bool
) -> None:
    """Make a model directory of another project's weights.

    KIND g2p-en: SOURCE is a wheel of g2p-en, its unpacked g2p_en folder, the checkpoint20.npz of
    version 2.x, or the checkpoint prefix of version 1.x (the path without ".index").

    KIND ibab-wavenet: SOURCE is the checkpoint prefix of a model trained with
    ibab/tensorflow-wavenet; --config is its wavenet_params.json.

    KIND pytorch-wavenet: SOURCE is a state dict of vincentherrmann/pytorch-wavenet; --config is a
    JSON object with the arguments of its WaveNetModel, which may be empty: {}.

    KIND fatchord-wavernn: SOURCE is a state dict of fatchord/WaveRNN (.pt, .pyt), or the same
    tensors as .safetensors; --config is a JSON object with the arguments of its WaveRNN, and
    of its settings mu_law, n_fft, win_length, fmin and min_level_db those that were changed.
    """
    if kind == "g2p-en":
        _refuse(kind, "--config", config, "its models are all alike")
        _refuse(kind, "--sample-rate", sample_rate, "its models are all alike")
        g2p_en.convert(source, out, replace=force)
    elif config is None:
        raise click.UsageError(f"{kind} needs --config: the settings of the model.")
    elif kind == "fatchord-wavernn":
        _refuse(kind, "--sample-rate", sample_rate, "the settings have it")
        fatchord_wavernn.convert(source, out, config=config, replace=force)
    else:
        WAVENETS[kind](source, out, config=config, sample_rate=sample_rate, replace=force)
    click.echo(f"wrote {out}")


def _refuse(kind: str, option: str, value: object, reason: str) -> None:
    if value is not None:
        raise click.UsageError(f"{kind} takes no {option}: {reason}.")
