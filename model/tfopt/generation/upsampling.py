"""Upsampling stages: conditioning from the frame rate to the sample rate, as TensorFlow functions.

A stage repeats every frame `factor` times and then convolves over time with a kernel of 2 * factor + 1 taps,
zeros standing before and after. A tap reaches at most one frame further, so a sample is the sum of three
frames, weighted by sums of taps that depend on its place in its frame alone. Every sample is computed by the
same operations in whatever piece it is asked for: pieces equal the whole to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tfopt.model_directory import Weights
from tfopt.tensors import Tensor


class Upsampling:
    """Stages of upsampling; without any, conditioning is taken as it comes.

    Attributes:
        hop_length: Samples for each frame.
        stages: How many there are; each looks one of its frames ahead.
    """

    def __init__(self, weights: Weights, factors: Sequence[int], channels: int) -> None:
        """Makes the stages whose kernels are `weights["upsample.{i}.kernel"]`, [2 * factor + 1]."""
        self.hop_length = math.prod(factors)
        self.stages = len(factors)
        self._factors = tuple(factors)
        self._phases = [
            phase_weights(weights[f"upsample.{i}.kernel"], factor)
            for i, factor in enumerate(factors)
        ]
        number, numbers = tf.TensorSpec([], tf.int64), tf.TensorSpec([None], tf.int64)
        frames = tf.TensorSpec([None, None, channels], tf.float32)
        self.compute = tf.function(
            lambda *given: self.piece(*given), input_signature=[frames, *[number] * 4]
        )
        self.compute_several = tf.function(
            self.piece, input_signature=[frames, number, numbers, number, number, numbers]
        )

    def ready(self, frames: int) -> int:
        """Samples that depend on no frame behind the first `frames`, so that a stream may have them."""
        for factor in self._factors:
            frames = max(frames - 1, 0) * factor
        return frames

    def first_frame(self, sample: int) -> int:
        """The first frame that a sample and those behind it depend on."""
        for factor in reversed(self._factors):
            sample = max(sample // factor - 1, 0)
        return sample

    def piece(
        self,
        frames: Tensor,
        first: Tensor,
        end: Tensor,
        start: Tensor,
        count: Tensor,
        begin: Tensor | int = 0,
    ) -> Tensor:
        """A piece of the upsampled signal. Numbers are int64.

        `compute` is the same, traced, of signals that begin at frame 0; `compute_several` that of signals
        that begin and end each at another frame.

        Args:
            frames: Those frames of the signal that the piece depends on, or more, float32 [batch, n,
                channels].
            first: The number of the first of them.
            end: The number behind the signal's last frame, [] or [batch].
            start: The piece's first sample.
            count: Its length in samples.
            begin: The number of the signal's first frame, [] or [batch].

        Returns:
            float32 [batch, count, channels]; zeros outside the signal.
        """
        signal = tf.expand_dims(tf.cast(begin, tf.int64), -1), tf.expand_dims(end, -1)
        return self._stage(len(self._factors), frames, first, signal, start, count)

    def _stage(
        self,
        stage: int,
        frames: Tensor,
        first: Tensor,
        signal: tuple[Tensor, Tensor],
        start: Tensor,
        count: Tensor,
    ) -> Tensor:
        """A piece of the signal behind the first `stage` stages; zeros outside the signal."""
        places = start + tf.range(tf.cast(count, tf.int64))
        begin, end = (frame * math.prod(self._factors[:stage]) for frame in signal)
        inside = (places >= begin) & (places < end)  # [count] or [batch, count]
        if not stage:
            rows = tf.gather(
                frames,
                tf.clip_by_value(places - first, 0, tf.shape(frames, tf.int64)[1] - 1),
                axis=1,
            )
        else:
            factor, phases = self._factors[stage - 1], self._phases[stage - 1]
            before = start // factor - 1
            needed = (count + factor - 2) // factor + 3  # wherever `start` stands in its frame
            x = self._stage(stage - 1, frames, first, signal, before, needed)
            weights = tf.gather(phases, places % factor)  # [count, 3]
            at = places // factor - before
            rows = sum(
                tf.gather(x, at + k - 1, axis=1) * weights[:, k, tf.newaxis] for k in range(3)
            )
        return tf.where(inside[..., tf.newaxis], rows, 0.0)


def phase_weights(kernel: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """The weights of the frame before, the frame itself and the next one at each place in a frame.

    Returns:
        float32 [factor, 3].
    """
    taps = np.arange(-factor, factor + 1)
    frame = (np.arange(factor)[:, np.newaxis] + taps) // factor  # [factor, taps]: -1, 0 or 1
    weights = [np.where(frame == k, kernel, 0).sum(1, dtype=np.float64) for k in (-1, 0, 1)]
    return np.stack(weights, 1).astype(np.float32)
