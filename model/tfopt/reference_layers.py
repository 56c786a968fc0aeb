"""Layers that the NumPy references of several networks are made of."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Precision = TypeVar("Precision", bound=np.floating[Any])


def repeat_and_smooth(rows: NDArray[Precision], kernel: NDArray[Precision]) -> NDArray[Precision]:
    """One stage of an upsampling network.

    Every row is repeated; then all channels alike are smoothed over time, zeros standing before and after.

    Args:
        rows: [n, channels].
        kernel: [2 * factor + 1], the earliest tap first.

    Returns:
        [n * factor, channels].
    """
    factor = len(kernel) // 2
    repeated = np.repeat(rows, factor, axis=0)
    padded = np.pad(repeated, ((factor, factor), (0, 0)))
    smoothed = np.zeros_like(repeated)
    for offset, weight in enumerate(kernel):
        smoothed += weight * padded[offset : offset + len(repeated)]
    return smoothed


def relu(x: NDArray[Precision]) -> NDArray[Precision]:
    """What is positive; else 0."""
    result: NDArray[Precision] = np.maximum(x, 0)
    return result


def sigmoid(x: NDArray[Precision]) -> NDArray[Precision]:
    """1 / (1 + e^-x), without its overflow."""
    half: Any = np.tanh(x / 2)
    result: NDArray[Precision] = (1 + half) / 2
    return result


def gru(
    x: NDArray[Precision],
    h: NDArray[Precision],
    recurrent: NDArray[Precision],
    recurrent_bias: NDArray[Precision],
) -> NDArray[Precision]:
    """One step of a gated recurrent unit whose reset gate stands behind the product (PyTorch, cuDNN).

    Args:
        x: What input and bias add to the gates reset, update, candidate, [3 * hidden].
        h: The state, [hidden].
        recurrent: [hidden, 3 * hidden].
        recurrent_bias: [3 * hidden].

    Returns:
        The next state, [hidden].
    """
    x_reset, x_update, x_candidate = np.split(x, 3)
    h_reset, h_update, h_candidate = np.split(h @ recurrent + recurrent_bias, 3)
    reset, update = sigmoid(x_reset + h_reset), sigmoid(x_update + h_update)
    candidate = np.tanh(x_candidate + reset * h_candidate)
    result: NDArray[Precision] = (1 - update) * candidate + update * h
    return result
