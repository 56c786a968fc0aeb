"""`tfopt generate`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from tfopt import audio_files, model_directory, models, wavenet
from tfopt.cli.compute_types import compute_type_option, report_compute_type
from tfopt.cli.paths import PATH
from tfopt.wavenet.config import WavenetConfig


@click.command(
    epilog="Examples: tfopt generate --model ./my-model --seconds 2 --out audio.wav    "
    "tfopt generate --model ./my-model --conditioning mel.npy --out audio.wav",
)
@click.option("--model", required=True, help="Name or directory.")
@click.option(
    "--backend",
    type=click.Choice(wavenet.BACKENDS),
    default=wavenet.DEFAULT_BACKEND,
    show_default=True,
    help="How the model runs; the result is the same.",
)
@compute_type_option
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="Default: 1 for native, the CPUs this process may use for the other backends.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    help="Length of the audio; with --conditioning at most, and by default, as long as that lasts.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--temperature",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="0: the most likely sample each time.",
)
@click.option("--prompt", type=PATH, help="Audio file to go on from; it is not written again.")
@click.option(
    "--conditioning", type=PATH, help="Frames, such as mel, [frames, channels], as .npy file."
)
@click.option("--speaker", type=click.IntRange(min=0), help="The number of a speaker.")
@click.option("--out", required=True, type=PATH, help="WAV file to write, 16 bits a sample.")
def command(
    model: str,
    backend: str,
    compute_type: str,
    threads: int | None,
    seconds: float | None,
    seed: int,
    temperature: float,
    prompt: Path | None,
    conditioning: Path | None,
    speaker: int | None,
    out: Path,
) -> None:
    """Generate audio with a WaveNet and write it as a WAV file."""
    audio_files.library()  # before the work, not behind it
    if out.is_dir() or not out.parent.is_dir():
        raise ValueError(f"--out: expected a file in a folder that exists, got {str(out)!r}")
    if model_directory.read_settings(models.find(model)).get("kind") == "wavernn":
        raise ValueError(
            "--model: expected a WaveNet, got a WaveRNN; tfopt vocode makes audio with that"
        )
    net = wavenet.load(model, backend=backend, threads=threads, compute_type=compute_type)
    report_compute_type(compute_type, net.compute_type)
    rate = net.config.sample_rate
    start = None if prompt is None else _read_audio(prompt, rate)
    frames = None if conditioning is None else _read_frames(conditioning)
    samples = _length(net.config, seconds, frames, start)
    parts = net.stream(
        None if frames is None else [frames],
        samples=samples,
        seed=seed,
        temperature=temperature,
        prompt=start,
        speaker=speaker,
    )
    console = Console(stderr=True)
    with (
        audio_files.writing(out, rate) as write,
        Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
    ):
        task = progress.add_task("Generating", total=samples)
        for part in parts:
            write(part[0])
            progress.advance(task, part.shape[1])


def _read_audio(path: Path, rate: int) -> NDArray[np.float32]:
    soundfile = audio_files.library()
    try:
        audio, given = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        raise ValueError(f"--prompt: {path}: cannot read it: {error}") from error
    if given != rate or audio.shape[1] != 1:
        raise ValueError(
            f"--prompt: {path}: expected one channel at {rate} Hz, as the model's, "
            f"got {audio.shape[1]} at {given} Hz"
        )
    samples: NDArray[np.float32] = audio[:, 0]
    return samples


def _read_frames(path: Path) -> NDArray[Any]:
    try:
        with path.open("rb") as file:
            frames = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ValueError(f"--conditioning: {path}: cannot read it: {error}") from error
    if not isinstance(frames, np.ndarray) or frames.ndim != 2:
        shape = getattr(frames, "shape", "several arrays")
        raise ValueError(f"--conditioning: {path}: expected [frames, channels], got {shape}")
    return frames


def _length(
    config: WavenetConfig,
    seconds: float | None,
    frames: NDArray[Any] | None,
    prompt: NDArray[np.float32] | None,
) -> int:
    """Samples to generate."""
    if seconds is not None and not math.isfinite(seconds):
        raise click.UsageError(f"--seconds: expected a finite number, got {seconds}")
    samples = None if seconds is None else round(seconds * config.sample_rate)
    if frames is None:
        if samples is None:
            raise click.UsageError("give --seconds, or --conditioning if the model takes some")
        return samples
    fed = 0 if prompt is None else max(len(prompt) - 1, 0)
    most = len(frames) * config.hop_length - fed
    return max(most if samples is None else min(samples, most), 0)
