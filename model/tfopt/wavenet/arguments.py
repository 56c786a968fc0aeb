"""Checks what users pass to a WaveNet, and brings it into the shapes that the backends want."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tfopt import mu_law
from tfopt.model_directory import Weights
from tfopt.wavenet.config import WavenetConfig

Array = NDArray[np.float32]


class Batch:
    """The number of streams, on which all arguments that have one must agree."""

    def __init__(self) -> None:
        self._size: int | None = None
        self._name = ""

    @property
    def size(self) -> int:
        """The number said; 1 if no argument said one."""
        return 1 if self._size is None else self._size

    def claim(self, name: str, size: int) -> None:
        """An argument says how many streams there are; raises ValueError if another one says otherwise."""
        if self._size is None:
            self._size, self._name = size, name
        if size != self._size:
            raise ValueError(
                f"{name}: expected {self._size} streams, as {self._name} says, got {size}"
            )


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
    if not _is_integer(seed) or not 0 <= seed < 1 << 64:
        raise ValueError(f"seed: expected an integer from 0 to 2**64 - 1, got {seed!r}")
    kinds = (int, float, np.integer, np.floating)
    number = isinstance(temperature, kinds) and not isinstance(temperature, bool)
    if not number or not 0 <= temperature <= float(np.finfo(np.float32).max):
        raise ValueError(f"temperature: expected a number >= 0, got {temperature!r}")
    return Start(
        fed=_fed(config, batch, prompt),
        speaker=speaker_rows(config, weights, batch, speaker),
        streams=None if streams is None else _streams(batch, streams),
        seed=int(seed),
        temperature=float(temperature),
    )


def integer(name: str, value: Any, least: int) -> int:
    """An integer argument."""
    if not _is_integer(value) or value < least:
        raise ValueError(f"{name}: expected an integer >= {least}, got {value!r}")
    return int(value)


def frames(config: WavenetConfig, batch: Batch, conditioning: Any) -> Array:
    """Conditioning as [batch, frames, local_channels]."""
    channels = config.local_channels
    rows = _floats("conditioning", conditioning)
    if rows.ndim == 2:
        rows = rows[np.newaxis]
    if rows.ndim != 3 or rows.shape[2] != channels or not len(rows):
        raise ValueError(
            f"conditioning: expected [batch, frames, {channels}] or [frames, {channels}], "
            f"got {list(np.shape(conditioning))}"
        )
    batch.claim("conditioning", len(rows))
    return rows


def fed_samples(config: WavenetConfig, batch: Batch, samples: Any) -> Array:
    """Samples to feed, [batch, time], as float32: integer class numbers, or amplitudes."""
    given: NDArray[Any] = np.asarray(samples)
    if config.output != "categorical":
        rows = _floats("samples", samples)
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
    given: NDArray[Any] = np.asarray(speaker)
    # A bool is no number of a speaker, and None is an object.
    if given.ndim > 1 or not given.size or not np.issubdtype(given.dtype, np.integer):
        wanted = f"a number below {config.global_classes}, or one for each stream"
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
    audio = _floats("prompt", prompt)
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


def _streams(batch: Batch, streams: Sequence[int]) -> list[int]:
    given = list(streams) if isinstance(streams, (Sequence, np.ndarray)) else None
    if not given or not all(_is_integer(s) and 0 <= s < 1 << 64 for s in given):
        expected = "integers from 0 to 2**64 - 1, one for each stream"
        raise ValueError(f"streams: expected {expected}, got {streams!r}")
    batch.claim("streams", len(given))
    return [int(number) for number in given]


def _floats(name: str, value: Any) -> Array:
    try:
        given: NDArray[Any] = np.asarray(value)
        if given.dtype.kind not in "iuf":
            raise TypeError(given.dtype)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: expected an array of numbers, got {value!r:.80}") from error
    with np.errstate(over="ignore"):
        rows = given.astype(np.float32)
    if not np.isfinite(rows).all():
        raise ValueError(f"{name}: expected finite float32 values, got NaN or infinity")
    return rows


def _is_integer(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
