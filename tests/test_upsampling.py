"""The upsampling stages round as the engine's do: a product, then a sum, in one order on every shape.

The engine's own tests hold `engine/layers/upsampling.cc` to the same sums.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tfopt.generation.upsampling import Upsampling, phase_weights

Array = NDArray[np.float32]


def kernels(factors: list[int]) -> dict[str, Array]:
    random = np.random.default_rng(0)
    return {
        f"upsample.{i}.kernel": random.normal(size=2 * factor + 1).astype(np.float32)
        for i, factor in enumerate(factors)
    }


def as_the_engine(signal: Array, factors: list[int]) -> Array:
    """One stage after the other over all of [batch, frames, channels], each sum rounded."""
    for factor, kernel in zip(factors, kernels(factors).values(), strict=True):
        phases = phase_weights(kernel, factor)
        padded = np.pad(signal, ((0, 0), (1, 1), (0, 0)))
        rows = np.zeros([len(signal), signal.shape[1], factor, signal.shape[2]], np.float32)
        for k in range(3):
            frames = padded[:, k : k + signal.shape[1], np.newaxis]
            rows = rows + frames * phases[:, k, np.newaxis]
        signal = rows.reshape(len(signal), -1, signal.shape[2])
    return signal


@pytest.mark.parametrize("factors", [[], [1], [7], [3, 2], [2, 2, 2], [5, 5, 11]])
@pytest.mark.parametrize(
    ("batch", "frames", "channels"), [(1, 1, 1), (1, 2, 5), (3, 9, 80), (2, 30, 17), (5, 3, 128)]
)
def test_the_bits_are_the_engines(
    factors: list[int], batch: int, frames: int, channels: int
) -> None:
    """Of the whole and of pieces, of signals that begin and end together or each elsewhere."""
    signal = np.random.default_rng(1).normal(size=(batch, frames, channels)).astype(np.float32)
    stages, hop = Upsampling(kernels(factors), factors, channels), math.prod(factors)
    expected, time = as_the_engine(signal, factors), frames * hop
    for start, count in ((0, time), (time // 3, time - time // 3), (time - 1, 1)):
        piece = stages.compute(signal, 0, frames, start, count).numpy()
        np.testing.assert_array_equal(piece, expected[:, start : start + count])
    # Each stream's signal begins a frame behind that of the stream before.
    begins = np.arange(batch)
    window = np.zeros([batch, frames + batch, channels], np.float32)
    later = np.zeros([batch, (frames + batch) * hop, channels], np.float32)
    for row in begins:
        window[row, row : row + frames] = signal[row]
        later[row, row * hop : (row + frames) * hop] = expected[row]
    rows = stages.compute_several(window, 0, begins + frames, 0, later.shape[1], begins)
    np.testing.assert_array_equal(rows, later)
