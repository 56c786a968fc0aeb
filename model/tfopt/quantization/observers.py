"""Observers: the scale of 8-bit integers for inputs whose histogram is known.

A scale s makes x the integer round(x / s), of at most 127 in magnitude: a larger s rounds more coarsely, a
smaller one cuts more off. All of them give 0, for which each vector has a scale of its own, where no input
was told from zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tfopt.quantization.histograms import Histogram, edges

Observer = Callable[[Histogram], float]

NAMES = ("min-max", "percentile", "mse")
DEFAULT = "mse"
DEFAULT_PERCENTILE = 99.99

_LARGEST = 127  # of int8, without -128
# Scales tried for the least error: this many an octave, so that none is off by more than 1 %, and octaves.
_TRIED, _TRIED_OCTAVES = 64, 10

_EDGES = edges()


def observer(name: str, percentile: float = DEFAULT_PERCENTILE) -> Observer:
    """The observer of a name.

    Args:
        name: One of `NAMES`.
        percentile: Of `"percentile"`, above 0 and at most 100.

    Raises:
        ValueError: There is none of this name, or the percentile is none.
    """
    if name not in NAMES:
        raise ValueError(f"observer: expected one of {', '.join(NAMES)}, got {name!r}")
    if not 0 < percentile <= 100:
        raise ValueError(
            f"percentile: expected a number above 0 and at most 100, got {percentile!r}"
        )
    if name == "percentile":
        return partial(percentile_scale, percentile=percentile)
    return min_max_scale if name == "min-max" else least_error_scale


def scales(histograms: Iterable[Histogram], observe: Observer) -> tuple[float, ...]:
    """The scale for each matrix, as float32 holds it."""
    return tuple(float(np.float32(observe(histogram))) for histogram in histograms)


def min_max_scale(histogram: Histogram) -> float:
    """The largest input becomes the largest integer, and none is cut off."""
    return histogram.largest / _LARGEST if _told_from_zero(histogram) else 0.0


def percentile_scale(histogram: Histogram, percentile: float = DEFAULT_PERCENTILE) -> float:
    """The percentile of the magnitudes becomes the largest integer, and what is above it is cut off.

    Zeros, of which a ReLU makes many, do not count: no scale changes them. Within a bin, magnitudes are taken
    to lie evenly.
    """
    if not _told_from_zero(histogram):
        return 0.0
    counts, begins, ends = _bins(histogram)
    below = np.cumsum(counts)
    wanted = percentile / 100 * below[-1]
    place = min(int(np.searchsorted(below, wanted)), len(counts) - 1)
    part = 1 - (below[place] - wanted) / counts[place]
    return float(begins[place] + part * (ends[place] - begins[place])) / _LARGEST


def least_error_scale(histogram: Histogram) -> float:
    """The scale with the least mean squared error, of rounding and of cutting off together.

    Within a bin, magnitudes are taken to lie evenly, of which the error is an integral.
    """
    if not _told_from_zero(histogram):
        return 0.0
    counts, begins, ends = _bins(histogram)
    tried = histogram.largest / _LARGEST * np.exp2(-np.arange(_TRIED * _TRIED_OCTAVES) / _TRIED)
    errors = [
        counts @ ((_error_up_to(ends, s) - _error_up_to(begins, s)) / (ends - begins))
        for s in tried
    ]
    return float(tried[int(np.argmin(errors))])


def _error_up_to(x: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """The integral of the squared error from 0 to x.

    Around each integer's place n s it is that of u², s³ / 12 from (n - 1/2) s to (n + 1/2) s; half of that on
    the positive side of 0, and the other half on this side of n s.
    """
    integers = np.minimum(np.rint(x / scale), _LARGEST)
    return integers * scale**3 / 12 + (x - integers * scale) ** 3 / 3


def _told_from_zero(histogram: Histogram) -> bool:
    """Whether an input lies beyond the first bin, which holds the zeros."""
    return bool(histogram.counts[1:].any())


def _bins(
    histogram: Histogram,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Counts, beginnings and ends of the bins, but for the first, that hold anything."""
    filled = 1 + np.flatnonzero(histogram.counts[1:])
    begins = _EDGES[filled]
    # The last one ends at the largest magnitude, which may stand at its very beginning.
    ends = np.maximum(np.minimum(_EDGES[filled + 1], histogram.largest), begins * (1 + 2.0**-24))
    return histogram.counts[filled], begins, ends
