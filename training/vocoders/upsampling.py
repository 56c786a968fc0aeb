"""One stage of upsampling, and what follows it linearly, as products.

A sample of a stage is the sum of three frames, weighted by its place in its frame (see
`tfopt.generation.upsampling`). A linear layer behind the stage may as well stand before it, where there are
hundreds of times fewer rows; its bias, and whatever else is the same for all samples of a frame, is a fourth
frame whose weight is 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

Tensor = Any


class Stage:
    """A stage of upsampling."""

    def __init__(self, factor: int) -> None:
        self._factor = factor
        taps = np.arange(-factor, factor + 1)
        frame = (np.arange(factor)[:, np.newaxis] + taps) // factor  # [factor, taps]: -1, 0 or 1
        sums: NDArray[np.bool_] = frame[:, np.newaxis] == np.arange(-1, 2)[:, np.newaxis]
        self._sums = sums.reshape(3 * factor, len(taps)).astype(np.float32)

    def weights(self, kernel: Tensor) -> Tensor:
        """The weights of the frame before, the frame itself, the next one, and of what is constant.

        Args:
            kernel: [2 * factor + 1].

        Returns:
            [factor, 4].
        """
        frames = ops.reshape(ops.matmul(self._sums, kernel[:, None]), (self._factor, 3))
        return ops.concatenate([frames, ops.ones((self._factor, 1))], axis=1)


def neighbours(frames: Tensor, constant: Tensor) -> Tensor:
    """What `Stage.weights` weigh.

    Args:
        frames: [batch, n + 2, channels].
        constant: [batch, n, channels], or what broadcasts to it.

    Returns:
        [batch, n, 4, channels].
    """
    middle = frames[:, 1:-1]
    rows = [frames[:, :-2], middle, frames[:, 2:], ops.broadcast_to(constant, ops.shape(middle))]
    return ops.stack(rows, axis=2)


def spread(weights: Tensor, rows: Tensor) -> Tensor:
    """The samples.

    Args:
        weights: [factor, m], or [batch, n, factor, m] where they differ from frame to frame.
        rows: [batch, n, m, channels].

    Returns:
        [batch, n * factor, channels].
    """
    samples = ops.matmul(weights, rows)
    return ops.reshape(samples, (-1, samples.shape[1] * samples.shape[2], samples.shape[3]))
