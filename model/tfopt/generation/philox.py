"""The random numbers of `tfopt.randomness` as part of a TensorFlow graph, for exported models.

Philox 4x64-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") with NumPy's use of the
counter: the first four numbers belong to the counter 1.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tfopt.tensors import Tensor

_ROUNDS = 10
_MULTIPLIERS = 0xD2E7470EE14C6C93, 0xCA5A826395121157
_KEY_STEPS = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B  # the golden ratio, sqrt(3) - 1
_LOW = np.uint64(0xFFFFFFFF)
_PER_COUNTER = 4


def uniforms(seed: Tensor, streams: Tensor, start: Tensor, count: int, per_sample: int) -> Tensor:
    """Uniform numbers in [0, 1), those of `tfopt.randomness.uniforms`.

    Args:
        seed: int64 [].
        streams: int64 [batch].
        start: The time of the first sample, int64 []; start * per_sample is a multiple of 4.
        count: Samples; count * per_sample is a multiple of 4.
        per_sample: Numbers for a sample.

    Returns:
        float32 [batch, count, per_sample].
    """
    numbers = count * per_sample
    first = start * per_sample // _PER_COUNTER + 1
    counters = tf.cast(first + tf.range(numbers // _PER_COUNTER, dtype=tf.int64), tf.uint64)
    raw = _philox(counters, tf.cast(seed, tf.uint64), tf.cast(streams[:, tf.newaxis], tf.uint64))
    values = tf.cast(tf.bitwise.right_shift(raw, np.uint64(40)), tf.float32) * 2.0**-24
    return tf.reshape(values, [-1, count, per_sample])


def _philox(counters: Tensor, seed: Tensor, streams: Tensor) -> Tensor:
    """Raw numbers, uint64 [batch, counters, 4], of counters [counters] and streams [batch, 1]."""
    c0 = counters + tf.zeros_like(streams)  # [batch, counters]
    c1, c2, c3 = (tf.zeros_like(c0) for _ in range(3))
    xor = tf.bitwise.bitwise_xor
    for _ in range(_ROUNDS):
        (high_0, low_0), (high_1, low_1) = (
            _product(c0, _MULTIPLIERS[0]),
            _product(c2, _MULTIPLIERS[1]),
        )
        c0, c1, c2, c3 = xor(xor(high_1, c1), seed), low_1, xor(xor(high_0, c3), streams), low_0
        seed, streams = seed + np.uint64(_KEY_STEPS[0]), streams + np.uint64(_KEY_STEPS[1])
    return tf.stack([c0, c1, c2, c3], -1)


def _product(x: Tensor, factor: int) -> tuple[Tensor, Tensor]:
    """The upper and the lower 64 bits of the product with a constant."""
    high, low = np.uint64(factor >> 32), np.uint64(factor) & _LOW
    x_high, x_low = _upper(x), tf.bitwise.bitwise_and(x, _LOW)
    middle = x_high * low + _upper(x_low * low)  # at most 2**64 - 2**32: no overflow
    other = x_low * high + tf.bitwise.bitwise_and(middle, _LOW)
    return x_high * high + _upper(middle) + _upper(other), x * np.uint64(factor)


def _upper(x: Tensor) -> Tensor:
    return tf.bitwise.right_shift(x, np.uint64(32))
