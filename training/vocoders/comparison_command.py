"""`python -m training compare-vocoders`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from tfopt import audio_files, files, model_kinds, models, wavenet, wavernn
from tfopt.evaluation import perceptual, recordings
from tfopt.evaluation.recordings import Recording
from training.vocoders import comparison, corpus, other_voice, presets

_SAMPLES = 3  # recordings of which audio is written


@click.command(
    "compare-vocoders",
    epilog="Example: python -m training compare-vocoders build/training/wavenet/model",
)
@click.argument("vocoders", metavar="MODEL...", nargs=-1, required=True)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build/training/data"),
    show_default=True,
    help="Where downloaded data lie, or are put.",
)
@click.option("--count", type=click.IntRange(min=1), default=60, show_default=True)
@click.option("--seconds", type=float, default=5.0, show_default=True, help="Of each recording.")
@click.option("--compute-type", default="float32", show_default=True)
@click.option(
    "--temperature",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    help="That models draw samples at; lower ones make less noise.",
)
@click.option(
    "--other-voice", "other", is_flag=True, help="Recordings of a voice that is not trained on."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("build/training/vocoders.md"),
    show_default=True,
    help="The table to write.",
)
@click.option(
    "--samples",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder to write what is made of the first recordings to.",
)
def command(
    vocoders: tuple[str, ...],
    data: Path,
    count: int,
    seconds: float,
    compute_type: str,
    temperature: float,
    other: bool,
    out: Path,
    samples: Path | None,
) -> None:
    """Compare vocoders with recordings, the held-out ones of festvox-ru, and with Griffin-Lim.

    MODEL is the name or directory of a WaveNet or WaveRNN that takes the frames of those trained here.
    """
    perceptual.check()
    nets = {Path(name).resolve().name if "/" in name else name: name for name in vocoders}
    if len(nets) < len(vocoders):
        nets = {name: name for name in vocoders}
    loaded = {name: _load(model, compute_type) for name, model in nets.items()}

    def heard(name: str, number: int, audio: NDArray[np.float32]) -> None:
        if not number:
            click.echo(f"{name} …", err=True)
        if samples is not None and number < _SAMPLES:
            samples.mkdir(parents=True, exist_ok=True)
            path = samples / f"{name.replace(' ', '-').replace(',', '')}-{number + 1}.wav"
            with audio_files.writing(path, presets.SAMPLE_RATE) as write:
                write(audio)

    read = _other_voice if other else _held_out
    table = comparison.compare(read(data, count, seconds), loaded, heard, temperature)
    voice = "another voice" if other else "held out"
    text = comparison.markdown(table, f"{count} recordings, {voice}")
    out.parent.mkdir(parents=True, exist_ok=True)
    with files.writing_text(out) as file:
        file.write(text)
    click.echo(text)


def _load(model: str, compute_type: str) -> Any:
    kind = model_kinds.read(models.find(model)).kind
    packages: dict[str, Any] = {"wavenet": wavenet, "wavernn": wavernn}
    if kind not in packages:
        raise ValueError(f"MODEL: expected WaveNets and WaveRNNs, got {model}, a {kind}")
    net = packages[kind].load(model, compute_type=compute_type)
    if net.config.features != presets.FEATURES or net.config.sample_rate != presets.SAMPLE_RATE:
        raise ValueError(f"MODEL: expected models of {presets.FEATURES}, got {net.config.features}")
    return net


def _held_out(data: Path, count: int, seconds: float) -> list[Recording]:
    paths = corpus.find(data).held_out[:count]
    return recordings.read_all(paths, presets.WAVENET, seconds, "")


def _other_voice(data: Path, count: int, seconds: float) -> list[Recording]:
    most = round(seconds * presets.SAMPLE_RATE)
    paths = other_voice.find(data)[:count]
    return [comparison.recording(other_voice.read(path)[:most]) for path in paths]
