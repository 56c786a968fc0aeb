"""Recordings beside what is made of their frames: by models, by Griffin-Lim, and by coding alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt import mu_law
from tfopt.evaluation import metrics, teacher_forcing, vocoders
from tfopt.evaluation.recordings import Recording
from tfopt.features import mel_spectrogram
from training.vocoders import griffin_lim, presets

Array = NDArray[np.float32]
Scores = dict[str, float]
Heard = Callable[[str, int, Array], None]
_SEED = 0
_BITS = presets.WAVERNN.bits


def recording(audio: Array) -> Recording:
    """Audio with its frames."""
    return Recording(audio, mel_spectrogram(audio, presets.FEATURES, presets.SAMPLE_RATE))


def compare(
    recordings: Sequence[Recording],
    models: Mapping[str, Any],
    heard: Heard,
    temperature: float = 1.0,
) -> dict[str, Scores]:
    """The figures of `tfopt evaluate --perceptual` for each way to make audio.

    Args:
        recordings: At `presets.SAMPLE_RATE`.
        models: WaveNets and WaveRNNs of the same frames, by name.
        heard: Is given the name of the way, the number of the recording and the audio made of it.
        temperature: That models draw samples at. Lower ones make less noise, and in the end buzz.

    Returns:
        Figures by name, by way: the recordings themselves, as nine bits keep them, Griffin-Lim, the models.
    """
    ways: dict[str, Callable[[Recording], Array]] = {
        "recording": _itself,
        f"recording, {_BITS} bits": _coded,
        "Griffin-Lim": _griffin_lim,
        **{name: partial(_generated, net, temperature) for name, net in models.items()},
    }
    plan = vocoders.Plan(perceptual=True, seed=_SEED)
    table = {}
    for name, make in ways.items():
        found: dict[str, list[NDArray[np.float64]]] = {}
        for number, given in enumerate(recordings):
            audio = make(given)[: len(given.audio)]
            heard(name, number, audio)
            values = vocoders.compared(audio, given, presets.WAVENET, plan)
            if name in models:
                values = {"nats_per_sample": teacher_forcing.losses(models[name], given), **values}
            for metric, value in values.items():
                found.setdefault(metric, []).append(value)
        table[name] = {
            metric: float(np.concatenate(values).mean()) for metric, values in found.items()
        }
    return table


def markdown(table: Mapping[str, Scores], title: str) -> str:
    """A table with a row for each way to make audio."""
    shown = metrics.SORTS[metrics.VOCODER].qualities
    lines = [
        f"| {title} | {' | '.join(metric.long for metric in shown)} |",
        f"|---|{'--:|' * len(shown)}",
    ]
    for name, scores in table.items():
        texts = [
            metric.text(scores[metric.name]) if metric.name in scores else "" for metric in shown
        ]
        lines.append(f"| {name} | {' | '.join(texts)} |")
    return "\n".join(lines) + "\n"


def _itself(given: Recording) -> Array:
    return given.audio


def _coded(given: Recording) -> Array:
    return mu_law.decode(mu_law.encode(given.audio, 1 << _BITS), 1 << _BITS)


def _griffin_lim(given: Recording) -> Array:
    mel: Any = given.mel
    return griffin_lim.audio_of(mel, presets.FEATURES, presets.SAMPLE_RATE, len(given.audio))


def _generated(net: Any, temperature: float, given: Recording) -> Array:
    audio: Array = net.generate(given.mel, seed=_SEED, temperature=temperature)[0]
    return audio
