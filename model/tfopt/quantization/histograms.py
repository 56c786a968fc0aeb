"""Histograms of what the matrices of a model multiply, as the ops `*_observe` count it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

# As of the engine's InputHistogram.
BINS_PER_OCTAVE = 64
LEAST_EXPONENT = -32
OCTAVES = 48
BINS = BINS_PER_OCTAVE * OCTAVES


def edges() -> NDArray[np.float64]:
    """Where bins begin, [BINS + 1]: the first at zero; the last has no end, and infinity stands for that."""
    octaves = np.exp2(LEAST_EXPONENT + np.arange(OCTAVES))
    parts = 1 + np.arange(BINS_PER_OCTAVE) / BINS_PER_OCTAVE
    begins = (octaves[:, np.newaxis] * parts).reshape(-1)
    begins[0] = 0
    return np.append(begins, np.inf)


@dataclass(frozen=True)
class Histogram:
    """Of the inputs of one matrix.

    Attributes:
        counts: Magnitudes in each bin, int64 [BINS].
        largest: The largest magnitude; 0 if there were none.
    """

    counts: NDArray[np.int64]
    largest: float


class Histograms:
    """Of all matrices of a model, added up over runs."""

    def __init__(self) -> None:
        self._counts = np.zeros([0, BINS], np.int64)
        self._largest = np.zeros(0, np.float32)

    def add(self, counts: ArrayLike, largest: ArrayLike) -> None:
        """Adds what an op counted: int64 [matrices, BINS] and float32 [matrices].

        Raises:
            ValueError: An input was NaN or infinite.
        """
        magnitudes = np.asarray(largest, np.float32)
        if not np.isfinite(magnitudes).all():
            raise ValueError(
                "the model's numbers are not finite on this data: its weights or its conditioning "
                "are too large"
            )
        if not len(self._counts):
            self._counts = np.zeros([len(magnitudes), BINS], np.int64)
            self._largest = np.zeros(len(magnitudes), np.float32)
        self._counts += np.asarray(counts, np.int64)
        self._largest = np.maximum(self._largest, magnitudes)

    def of_matrices(self) -> list[Histogram]:
        """Of each matrix."""
        return [
            Histogram(counts, float(largest))
            for counts, largest in zip(self._counts, self._largest, strict=True)
        ]
