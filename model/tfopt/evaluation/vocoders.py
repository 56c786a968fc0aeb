"""Evaluates WaveNets and WaveRNNs on recordings."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt import wavenet, wavernn
from tfopt.evaluation import (
    mel_distance,
    metrics,
    perceptual,
    recordings,
    spectral_distance,
    teacher_forcing,
)
from tfopt.evaluation.recordings import Array, Recording
from tfopt.evaluation.results import Evaluation, Row
from tfopt.evaluation.subjects import Subject
from tfopt.profiler.progress import Reporter
from tfopt.settings_checks import expect

# Before it is timed, each model generates so much from the first recording's frames.
_WARM_UP_S = 0.1


@dataclass(frozen=True)
class Plan:
    """How much is done, and how samples are drawn.

    Attributes:
        backend: How the models run.
        rounds: The fewest times that each model generates a recording; each one is generated at least once.
        seconds: The most to take of each recording.
        seed: For the random numbers.
        speaker: The number of a speaker, of WaveNets with global conditioning.
        perceptual: Whether to find STOI and PESQ.
    """

    backend: str = "native"
    rounds: int = 5
    seconds: float = 5.0
    seed: int = 0
    speaker: int | None = None
    perceptual: bool = False

    def __post_init__(self) -> None:
        expect(0 < self.seconds < math.inf, "seconds", "a number above 0", self.seconds)


@dataclass
class _Candidate:
    """A model in a compute type, and what was found of it."""

    subject: Subject
    compute_type: str
    net: Any
    recordings: Sequence[Recording]
    losses: list[NDArray[np.float64]] = field(default_factory=list)
    heard: dict[str, list[NDArray[np.float64]]] = field(default_factory=dict)
    rates: list[float] = field(default_factory=list)


def evaluate(
    subjects: Sequence[Subject],
    files: Sequence[Path],
    types: Sequence[str],
    plan: Plan,
    reporter: Reporter,
) -> Evaluation:
    """Evaluates models on recordings, each in some compute types.

    All take turns: one generates a recording after the other, then comes the next recording.

    Args:
        subjects: WaveNets and WaveRNNs.
        files: Audio files, at least one.
        types: Compute types; none for all that a model has.
        plan: How.
        reporter: Is told how far it has come.

    Raises:
        ValueError: Files, types or speaker do not suit a model.
        ImportError: soundfile or soxr is missing, or what STOI and PESQ need.
    """
    if plan.perceptual:
        perceptual.check()
    for subject in subjects:
        if plan.speaker is not None and subject.kind == "wavernn":
            raise ValueError(f"speaker: expected None, since {subject.name}, a WaveRNN, has none")
    candidates = [
        candidate for subject in subjects for candidate in _candidates(subject, files, types, plan)
    ]
    _judge(candidates, len(files), plan, reporter)
    _generate_all(candidates, len(files), plan, reporter)
    reporter.begin("sizes", len(candidates))
    rows = []
    for candidate in candidates:
        rows.append(_row(candidate, plan))
        reporter.step("sizes")
    return Evaluation(metrics.VOCODER, _described(candidates[0]), tuple(rows))


def _candidates(
    subject: Subject, files: Sequence[Path], types: Sequence[str], plan: Plan
) -> list[_Candidate]:
    """A model in each type, with the recordings as it takes them."""
    config: Any = subject.config
    known = recordings.read_all(files, config, plan.seconds, subject.name)
    package: Any = wavernn if subject.kind == "wavernn" else wavenet
    found = []
    for compute_type in subject.types(types, plan.backend):
        net = package.load(
            subject.directory, backend=plan.backend, threads=1, compute_type=compute_type
        )
        found.append(_Candidate(subject, compute_type, net, known))
    return found


def _judge(candidates: Sequence[_Candidate], count: int, plan: Plan, reporter: Reporter) -> None:
    """Finds how likely each recording is to each candidate."""
    phase = "negative log-likelihood"
    reporter.begin(phase, len(candidates) * count)
    for place, candidate in itertools.product(range(count), candidates):
        recording = candidate.recordings[place]
        candidate.losses.append(teacher_forcing.losses(candidate.net, recording, plan.speaker))
        reporter.step(phase)


def _generate_all(
    candidates: Sequence[_Candidate], count: int, plan: Plan, reporter: Reporter
) -> None:
    """Has each candidate generate each recording, in turns, and times it; the first time compares them."""
    phase = "generation"
    rounds = max(count, plan.rounds)
    reporter.begin(phase, len(candidates) * rounds)
    for candidate in candidates:
        _generate(candidate, _beginning(candidate.recordings[0], candidate.net.config), plan)
    for number, candidate in itertools.product(range(rounds), candidates):
        recording = candidate.recordings[number % count]
        started = time.perf_counter()
        audio = _generate(candidate, recording, plan)
        candidate.rates.append(len(audio) / (time.perf_counter() - started))
        if number < count and recording.mel is not None:
            said = audio[: len(recording.audio)]
            for name, values in compared(said, recording, candidate.net.config, plan).items():
                candidate.heard.setdefault(name, []).append(values)
        reporter.step(phase)


def _row(candidate: _Candidate, plan: Plan) -> Row:
    qualities = {"nats_per_sample": float(np.concatenate(candidate.losses).mean())}
    for name, values in candidate.heard.items():
        qualities[name] = float(np.concatenate(values).mean())
    speeds = {"samples_per_s": tuple(candidate.rates)}
    return candidate.subject.row(candidate.compute_type, plan.backend, qualities, speeds)


def compared(
    audio: Array, recording: Recording, config: Any, plan: Plan
) -> dict[str, NDArray[np.float64]]:
    """How audio that was made of a recording's frames compares with it.

    Args:
        audio: Amplitudes, as many as were recorded.
        recording: With frames.
        config: The model's.
        plan: Says whether to find STOI and PESQ.

    Returns:
        By the metric's name, distances of each frame, in dB, and scores of the whole.
    """
    rate, features = config.sample_rate, config.features
    found = {
        "log_spectral_distance_db": spectral_distance.frame_distances(audio, recording.audio, rate)
    }
    if features is not None and recording.mel is not None:
        found["mel_distance_db"] = mel_distance.frame_distances(
            audio, recording.mel, features, rate
        )
    if plan.perceptual:
        scores = perceptual.scores(audio, recording.audio, rate)
        found.update({name: np.array([score]) for name, score in scores.items()})
    return found


def _generate(candidate: _Candidate, recording: Recording, plan: Plan) -> Array:
    """Generates audio from a recording's frames; without frames, as much as was recorded."""
    given: dict[str, Any] = {"seed": plan.seed}
    if candidate.subject.kind == "wavenet":
        given["speaker"] = plan.speaker
    if recording.mel is None:
        given["samples"] = len(recording.audio)
    audio: Array = candidate.net.generate(recording.mel, **given)[0]
    return audio


def _beginning(recording: Recording, config: Any) -> Recording:
    """So little of a recording that it is generated at once."""
    frames = -(-round(_WARM_UP_S * config.sample_rate) // config.hop_length)
    mel = None if recording.mel is None else recording.mel[:frames]
    return Recording(recording.audio[: frames * config.hop_length], mel)


def _described(candidate: _Candidate) -> str:
    samples = sum(len(recording.audio) for recording in candidate.recordings)
    seconds, count = samples / candidate.net.config.sample_rate, len(candidate.recordings)
    return f"{count:,} recording{'' if count == 1 else 's'}, {seconds:.1f} s"
