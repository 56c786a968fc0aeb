"""Checks what users pass to a WaveNet, and brings it into the shapes that the backends want."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tfopt import mu_law
from tfopt.generation import arguments
from tfopt.generation.arguments import Array, Batch, array, floats
from tfopt.model_directory import Weights
from tfopt.wavenet.config import WavenetConfig


@dataclass(frozen=True)
class Start:
    """What generation starts from. Arrays of one row hold for all streams.

    Attributes:
        fed: What is fed first: the prompt, or silence; class numbers or amplitudes, [batch or 1, n].
        speaker: The embedding, [batch or 1, global_channels].
        streams: The number of each stream, for its random numbers; None means 0, 1, …
        seed: For the random numbers.
        temperature: At least 0.
    """

    fed: Array
    speaker: Array
    streams: list[int] | None
    seed: int
    temperature: float

    def of(self, stream: int) -> Start:
        """The same of one stream alone."""
        return replace(
            self,
            fed=self.fed[stream % len(self.fed)][np.newaxis],
            speaker=self.speaker[stream % len(self.speaker)][np.newaxis],
            streams=[stream if self.streams is None else self.streams[stream]],
        )


def start(
    config: WavenetConfig,
    weights: Weights,
    batch: Batch,
    *,
    seed: int,
    temperature: float,
    prompt: ArrayLike | None,
    speaker: int | Sequence[int] | None,
    streams: Sequence[int] | None,
) -> Start:
    """Checks the arguments of `Wavenet.generate` that bear their names; raises ValueError."""
    return Start(
        seed=arguments.seed(seed),
        temperature=arguments.temperature(temperature),
        fed=_fed(config, batch, prompt),
        speaker=speaker_rows(config, weights, batch, speaker),
        streams=arguments.streams(batch, streams),
    )


def fed_samples(config: WavenetConfig, batch: Batch, samples: Any) -> Array:
    """Samples to feed, [batch, time], as float32: integer class numbers, or amplitudes."""
    given = array("samples", samples, "an array of numbers")
    if config.output != "categorical":
        rows = floats("samples", samples)
    elif given.size and not np.issubdtype(given.dtype, np.integer):
        raise ValueError(f"samples: expected integers (class numbers), got {given.dtype}")
    elif given.size and not 0 <= given.min() <= given.max() < config.classes:
        expected = f"class numbers from 0 to {config.classes - 1}"
        raise ValueError(f"samples: expected {expected}, got {given.min()} to {given.max()}")
    else:
        rows = given.astype(np.float32)
    if rows.ndim not in (1, 2) or (rows.ndim == 2 and not len(rows)):
        raise ValueError(
            f"samples: expected [batch, time] or [time], got {list(np.shape(samples))}"
        )
    rows = np.atleast_2d(rows)
    batch.claim("samples", len(rows))
    return rows


def speaker_rows(
    config: WavenetConfig, weights: Weights, batch: Batch, speaker: int | Sequence[int] | None
) -> Array:
    """The embeddings of speakers, [batch or 1, global_channels]."""
    if not config.global_classes:
        if speaker is not None:
            raise ValueError(f"speaker: expected None, since the model has none, got {speaker!r}")
        return np.zeros([1, 0], np.float32)
    wanted = f"a number below {config.global_classes}, or one for each stream"
    given = array("speaker", speaker, wanted)
    # A bool is no number of a speaker, and None is an object.
    if given.ndim > 1 or not given.size or not np.issubdtype(given.dtype, np.integer):
        raise ValueError(f"speaker: expected {wanted}, got {speaker!r}")
    if not 0 <= given.min() <= given.max() < config.global_classes:
        wanted = f"numbers from 0 to {config.global_classes - 1}"
        raise ValueError(f"speaker: expected {wanted}, got {speaker!r}")
    if given.ndim:
        batch.claim("speaker", len(given))
    rows: Array = weights["global.embedding"][np.atleast_1d(given)]
    return rows


def _fed(config: WavenetConfig, batch: Batch, prompt: ArrayLike | None) -> Array:
    """What is fed first."""
    if prompt is None:
        return np.full([1, 1], config.classes // 2, np.float32)  # 0.0 if samples are amplitudes
    audio = floats("prompt", prompt)
    if audio.ndim not in (1, 2) or not audio.size:
        raise ValueError(
            f"prompt: expected audio, [batch, samples] or [samples], at least one sample, "
            f"got {list(audio.shape)}"
        )
    if np.abs(audio).max() > 1:
        raise ValueError(f"prompt: expected amplitudes in [-1, 1], got {np.abs(audio).max()}")
    if audio.ndim == 2:
        batch.claim("prompt", len(audio))
    audio = np.atleast_2d(audio)
    if config.output != "categorical":
        return audio
    return mu_law.encode(audio, config.classes).astype(np.float32)
