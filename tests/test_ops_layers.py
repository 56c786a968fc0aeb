"""The ops for single layers compute what NumPy does.

Needs TensorFlow, NumPy and pytest alone, so that any TensorFlow can be tried.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pytest
import tensorflow as tf
from ops_checks import assert_close
from ops_models import normal, sigmoid

from tfopt import ops

pytest_plugins = ["ops_fixtures"]


@pytest.mark.parametrize("shape", [(2,), (6,), (3, 34), (2, 1, 5, 130), (0, 4), (3, 0), (2, 0, 8)])
def test_gated_activation(shape: tuple[int, ...], isa: str) -> None:
    random = np.random.default_rng(0)
    inputs, conditioning = (normal(random, *shape, scale=3) for _ in range(2))
    a, b = np.split((inputs + conditioning).astype(np.float64), 2, -1)
    result = ops.gated_activation(inputs, conditioning)
    assert result.dtype == tf.float32
    assert_close(result.numpy(), np.tanh(a) * sigmoid(b), 4e-7)


def test_gated_activation_by_hand() -> None:
    result = ops.gated_activation([[0.0, 1, 1, 0]], [[0.0, -1, -1, 100]])
    np.testing.assert_array_equal(result, [[0, 0]])
    result = ops.gated_activation([[100.0, -100, 100, 100]], [[0.0, 0, 0, 0]])
    np.testing.assert_array_equal(result, [[1, -1]])


@pytest.mark.parametrize("value", [np.inf, 3e38, 1e4, 88.0, 1e-3, 1e-30, 1e-45, 0.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_gated_activation_at_the_edges_of_float(value: float, sign: int, isa: str) -> None:
    x = np.float32(sign * value)
    inputs = np.array([[x, 0.5, x, x], [0.5, x, -x, x]], np.float32)
    a, b = np.split(inputs.astype(np.float64), 2, -1)
    assert_close(
        ops.gated_activation(inputs, np.zeros_like(inputs)).numpy(), np.tanh(a) * sigmoid(b), 4e-7
    )


@pytest.mark.parametrize("place", range(6))
def test_gated_activation_passes_nan_on(place: int, isa: str) -> None:
    inputs = np.ones((2, 6), np.float32)
    inputs[1, place] = np.nan
    result = ops.gated_activation(inputs, np.zeros_like(inputs)).numpy()
    assert np.argwhere(np.isnan(result)).tolist() == [[1, place % 3]]


def gru(reset_after: bool, kernel: Any, inputs: Any, state: Any, bias: Any) -> Any:
    """The equations of `ops.gru_cell`."""
    (ur, uz, un), (xr, xz, xn) = np.split(kernel, 3, -1), np.split(inputs, 3, -1)
    r, z = sigmoid(xr + state @ ur), sigmoid(xz + state @ uz)
    recurrent = r * (state @ un + bias) if reset_after else (r * state) @ un + bias
    n = np.tanh(xn + recurrent)
    return n + z * (state - n)


@pytest.mark.parametrize("reset_after", [False, True])
@pytest.mark.parametrize("hidden", [1, 5, 16, 17, 40, 100])
@pytest.mark.parametrize("batch", [0, 1, 2, 7, 13])
def test_gru_cell(hidden: int, batch: int, reset_after: bool, isa: str) -> None:
    random = np.random.default_rng(hidden)
    kernel = normal(random, hidden, 3 * hidden, scale=1 / np.sqrt(hidden))
    inputs, state = normal(random, batch, 3 * hidden), normal(random, batch, hidden)
    bias = normal(random, hidden)
    gates, candidate = (
        ops.pack_matrix(part) for part in (kernel[:, : 2 * hidden], kernel[:, 2 * hidden :])
    )
    result = ops.gru_cell(gates, candidate, inputs, state, bias, reset_after=reset_after)
    doubles = [x.astype(np.float64) for x in (kernel, inputs, state, bias)]
    assert_close(result.numpy(), gru(reset_after, *doubles), 5e-6)


def test_gru_cell_by_hand() -> None:
    one = ops.pack_matrix([[0.0, 0.0]]), ops.pack_matrix([[1.0]])
    # r = z = 1/2: halfway between the state and tanh of what the candidate adds up.
    result = ops.gru_cell(*one, [[0.0, 0, 0]], [[4.0]], [1.0], reset_after=True)
    np.testing.assert_allclose(result, [[(np.tanh(2.5) + 4) / 2]], rtol=1e-6)
    result = ops.gru_cell(*one, [[0.0, 0, 0]], [[4.0]], [1.0], reset_after=False)
    np.testing.assert_allclose(result, [[(np.tanh(3) + 4) / 2]], rtol=1e-6)
