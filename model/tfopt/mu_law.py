"""Mu-law companding (ITU-T G.711's curve): audio as classes that are finer where it is quiet."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def encode(audio: ArrayLike, classes: int) -> NDArray[np.int32]:
    """The class of each amplitude, as ibab/tensorflow-wavenet rounds it.

    Args:
        audio: Amplitudes, any shape. Those outside [-1, 1] are clipped.
        classes: Number of classes, mu + 1; at least 2.

    Raises:
        ValueError: An amplitude is NaN, or `classes` is not such a number.
    """
    mu = _check_classes(classes) - 1
    amplitudes = np.asarray(audio, np.float64)
    if np.isnan(amplitudes).any():
        raise ValueError("audio: expected amplitudes in [-1, 1], got NaN")
    magnitudes = np.log1p(mu * np.minimum(np.abs(amplitudes), 1)) / np.log1p(mu)
    companded = np.copysign(magnitudes, amplitudes)
    return np.asarray((companded + 1) / 2 * mu + 0.5, np.int32)


def decode(ids: ArrayLike, classes: int) -> NDArray[np.float32]:
    """The amplitude in [-1, 1] of each class.

    Class i of 0..mu stands for y = 2 i / mu - 1 and the amplitude sign(y) ((1 + mu) ** |y| - 1) / mu.

    Args:
        ids: Classes, integers of any shape, from 0 to `classes` - 1.
        classes: Number of classes, mu + 1; at least 2.

    Raises:
        ValueError: An id is not such an integer, or `classes` is not such a number.
    """
    places: NDArray[Any] = np.asarray(ids)
    table = _amplitudes(_check_classes(classes))
    if places.size and not np.issubdtype(places.dtype, np.integer):
        raise ValueError(f"ids: expected integers, got {places.dtype}")
    if places.size and not 0 <= places.min() <= places.max() < classes:
        given = f"{places.min()} to {places.max()}"
        raise ValueError(f"ids: expected classes from 0 to {classes - 1}, got {given}")
    return table[places.astype(np.int64)]


@lru_cache
def _amplitudes(classes: int) -> NDArray[np.float32]:
    mu = classes - 1
    y = (
        2 * np.arange(classes) / mu - 1
    )  # in float64, so that every platform rounds to the same values
    table = np.asarray(np.sign(y) * np.expm1(np.abs(y) * np.log1p(mu)) / mu, np.float32)
    table.flags.writeable = False  # all callers share it
    return table


def _check_classes(classes: int) -> int:
    if isinstance(classes, bool) or not isinstance(classes, int) or classes < 2:
        raise ValueError(f"classes: expected an integer >= 2, got {classes!r}")
    return classes
