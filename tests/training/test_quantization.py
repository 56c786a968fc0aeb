"""Fake quantization rounds to the engine's integers."""

from __future__ import annotations

import numpy as np
from keras import ops
from numpy.typing import NDArray

from training.quantization import (
    fake_quantized_inputs,
    fake_quantized_weights,
    weight_scales,
)


def engine_scale(column: NDArray[np.float32]) -> np.float32:
    """`ScaleOf` of convert_matrix.cc, for int8."""
    exact = float(np.abs(column).max()) / 127
    scale = np.float32(exact)
    if float(scale) < exact:
        scale = np.nextafter(scale, np.float32(np.inf))
    bits = (int(scale.view(np.uint32)) + 127) & ~127
    return np.uint32(bits).view(np.float32)


def test_integers_of_weights() -> None:
    kernel = np.random.default_rng(1).normal(0, 0.1, (40, 500)).astype(np.float32)
    kernel[:, 3] = 0
    scales = np.array([engine_scale(column) for column in kernel.T])
    ours = ops.convert_to_numpy(weight_scales(ops.array(kernel)))[0]
    # The largest weight divided by 127 is rounded once in double there and in float32 here: seen where it is
    # a number of 17 bits.
    assert (ours != scales).sum() <= 500 / 2**6
    np.testing.assert_allclose(ours, scales, rtol=2**-16)
    given = ops.convert_to_numpy(fake_quantized_weights(ops.array(kernel)))
    integers = given[:, scales == ours] / np.where(scales > 0, scales, 1)[scales == ours]
    expected = np.rint(kernel / np.where(scales > 0, scales, 1))[:, scales == ours]
    np.testing.assert_allclose(integers, expected, atol=1e-4)
    assert np.abs(expected).max() == 127


def test_integers_of_inputs() -> None:
    x = np.array([[[0.5, -1.0, 0.0]], [[0.0, 0.0, 0.0]]], np.float32)
    expected = np.array([[[64 / 127, -1.0, 0.0]], [[0.0, 0.0, 0.0]]])
    given = ops.convert_to_numpy(fake_quantized_inputs(ops.array(x)))
    np.testing.assert_allclose(given, expected, rtol=1e-6)
