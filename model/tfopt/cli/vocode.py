"""`tfopt vocode`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from tfopt import audio_files, vocoders, wavernn
from tfopt.cli import failures
from tfopt.cli.audio_outputs import STANDARD, planned
from tfopt.cli.compute_types import compute_type_option, report_compute_type
from tfopt.cli.mel_inputs import read_mel
from tfopt.cli.paths import PATH_OR_STANDARD
from tfopt.features import mel_files
from tfopt.vocoders import Vocoder

Array = NDArray[np.float32]
_Job = tuple[
    str, Path | None
]  # what is read, and the file that is written; None is standard output


@click.command(
    epilog="Examples: tfopt vocode --model ./my-model mel.npy --out speech.wav    "
    "tfopt vocode --model ./my-model mels/*.npy --out speech --format flac    "
    "tfopt vocode --model ./my-model - --out - <mel.npy | aplay",
)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=PATH_OR_STANDARD)
@click.option("--model", required=True, help="Name or directory.")
@click.option(
    "--out",
    required=True,
    type=PATH_OR_STANDARD,
    help="File, folder for the audio of each INPUT, or - for stdout.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(audio_files.FORMATS),
    help="Default: as --out ends; wav for a folder or without an ending. raw: little-endian samples alone.",
)
@click.option(
    "--subtype",
    type=click.Choice(audio_files.SUBTYPES),
    default="pcm16",
    show_default=True,
    help="How a sample is kept.",
)
@click.option(
    "--layout",
    type=click.Choice(mel_files.LAYOUTS),
    default=mel_files.AUTO,
    show_default=True,
    help="Of a .npy file. bands-first: [bands, frames], as librosa and fatchord/WaveRNN have it. auto: "
    "whichever has the model's bands.",
)
@click.option(
    "--backend",
    type=click.Choice(wavernn.BACKENDS),
    default=wavernn.DEFAULT_BACKEND,
    show_default=True,
    help="How the model runs; the result is the same.",
)
@compute_type_option
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="Default: for several files, or with --fold, the CPUs this process may use; else 1 for native, "
    "and those CPUs for the other backends.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--temperature",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="0: the most likely sample each time.",
)
@click.option("--speaker", type=click.IntRange(min=0), help="The number of a WaveNet's speaker.")
@click.option(
    "--fold",
    type=(click.IntRange(min=1), click.IntRange(min=0)),
    metavar="TARGET OVERLAP",
    help="WaveRNN: cut each utterance into pieces of TARGET samples, made together and cross-faded over "
    "OVERLAP. Faster, and heard at the seams.",
)
def command(
    inputs: Sequence[str],
    model: str,
    out: str,
    form: str | None,
    subtype: str,
    layout: str,
    backend: str,
    compute_type: str,
    threads: int | None,
    seed: int,
    temperature: float,
    speaker: int | None,
    fold: tuple[int, int] | None,
) -> None:
    """Make audio of mel spectrograms.

    INPUT is a mel spectrogram as .npy file, or an audio file, of which one is computed as the model's
    config says; - is standard input. A file that fails is reported, and the others go on.
    """
    if inputs.count(STANDARD) > 1:
        raise click.UsageError("INPUT: expected - at most once")
    targets, form = planned(inputs, out, form)
    try:
        audio_files.check(form, subtype, streamed=targets == [None])
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    audio_files.library()  # before the work, not behind it
    several = len(inputs) > 1
    drawing = vocoders.Drawing(seed, temperature, speaker, fold)
    vocoder = vocoders.load(
        model,
        backend=backend,
        threads=threads,
        compute_type=compute_type,
        drawing=drawing,
        several=several,
    )
    report_compute_type(compute_type, vocoder.compute_type)
    console = Console(stderr=True)
    meter, failed = _Meter(vocoder.sample_rate), _Failed(console)
    jobs = list(zip(inputs, targets, strict=True))
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Vocoding", total=len(jobs))
        advance = partial(progress.advance, task)
        for start in range(0, len(jobs), vocoder.lot):
            mels = {}
            for job in jobs[start : start + vocoder.lot]:
                with failed.caught(job[0]):
                    mels[job] = read_mel(job[0], vocoder, layout)
                    continue
                advance(1)
            made = _several if several or fold else _single
            for (name, target), pieces in made(vocoder, mels, advance):
                with (
                    failed.caught(name),
                    _writing(target, vocoder.sample_rate, form, subtype) as write,
                ):
                    for piece in pieces:
                        write(piece)
                        meter.add(len(piece))
    meter.report(console)
    if failed.count:
        if several:
            console.print(f"{failed.count} of {len(jobs)} failed", highlight=False)
        raise click.exceptions.Exit(1)


def _single(
    vocoder: Vocoder, mels: Mapping[_Job, Array], progress: vocoders.Progress
) -> Iterator[tuple[_Job, Iterable[Array]]]:
    """The audio of a job in pieces, as they are made."""

    def pieces(job: _Job, mel: Array) -> Iterator[Array]:
        with vocoders.until_done(progress) as advance:
            for piece in vocoder.pieces(mel, soon=job[1] is None):
                yield piece
                advance(len(piece) / (len(mel) * vocoder.hop_length))

    for job, mel in mels.items():
        yield job, pieces(job, mel)


def _several(
    vocoder: Vocoder, mels: Mapping[_Job, Array], progress: vocoders.Progress
) -> Iterator[tuple[_Job, Iterable[Array]]]:
    """The audio of each job whole, in any order; that of a job that has failed raises its exception."""
    jobs = list(mels)
    for number, made in vocoder.utterances(list(mels.values()), progress):
        yield jobs[number], _one(made)


def _one(made: Array | BaseException) -> Iterator[Array]:
    if isinstance(made, BaseException):
        raise made
    yield made


@contextmanager
def _writing(
    target: Path | None, rate: int, form: str, subtype: str
) -> Iterator[audio_files.Write]:
    if target is None:
        yield audio_files.streaming(sys.stdout.buffer, rate, form, subtype)
    else:
        with audio_files.writing(target, rate, form, subtype) as write:
            yield write


class _Failed:
    """Reports what goes wrong with a file, so that the others go on."""

    def __init__(self, console: Console) -> None:
        self.count = 0
        self._console = console

    @contextmanager
    def caught(self, name: str) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise  # nobody reads standard output any more
        except failures.kinds() as error:
            self.count += 1
            text = f"Error: {name}: {failures.line(error)}"
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)


class _Meter:
    """How long the audio took, from the loaded model on."""

    def __init__(self, rate: int) -> None:
        self._rate, self._samples = rate, 0
        self._start, self._first = time.perf_counter(), 0.0

    def add(self, samples: int) -> None:
        """So many samples have been written."""
        if not self._samples:
            self._first = time.perf_counter() - self._start
        self._samples += samples

    def report(self, console: Console) -> None:
        if not self._samples:
            return
        audio, seconds = self._samples / self._rate, time.perf_counter() - self._start
        console.print(
            f"{audio:.2f} s of audio, computed in {seconds:.2f} s (real-time factor "
            f"{seconds / audio:.2g}); the first of it came after {1000 * self._first:.0f} ms",
            highlight=False,
            soft_wrap=True,
        )
