"""What SavedModels that generate audio share: checks of what they are given, and the loop over samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from tfopt.generation import loops, philox
from tfopt.generation.conditioning import BOUNDED, LARGEST
from tfopt.generation.loops import BLOCK
from tfopt.tensors import Tensor, Tensors


def check(
    streams: Tensor, seed: Tensor, temperature: Tensor, rows: Sequence[tuple[str, Tensor]]
) -> None:
    """Adds checks to a graph: each fails with InvalidArgumentError and names the argument.

    Args:
        streams: int64 [batch].
        seed: int64 [].
        temperature: float32 [].
        rows: Arguments with a row for each stream, by name.
    """
    tf.debugging.assert_positive(tf.size(streams), "streams: expected at least one")
    tf.debugging.assert_non_negative(streams, "streams: expected integers >= 0")
    for name, value in rows:
        message = f"{name}: expected a row for each of the streams"
        tf.debugging.assert_equal(tf.shape(value)[0], tf.size(streams), message)
    tf.debugging.assert_non_negative(seed, "seed: expected an integer >= 0")
    is_number = (temperature >= 0) & tf.math.is_finite(temperature)
    _expect(is_number, "temperature: expected a number >= 0", temperature)


def check_frames(name: str, frames: Tensor) -> None:
    """Adds the check that frames which condition the audio are finite."""
    finite = tf.reduce_all(tf.math.is_finite(frames))
    tf.debugging.Assert(finite, [f"{name}: expected finite float32 values, got NaN or infinity"])


def check_bounded(name: str, upsampled: Tensor) -> None:
    """Adds the check that `conditioning.expect_bounded` makes of what became of finite frames."""
    largest = tf.reduce_max(tf.abs(upsampled))
    _expect(tf.reduce_all(tf.abs(upsampled) <= LARGEST), f"{name}: expected {BOUNDED}", largest)


def checked_numbers(name: str, numbers: Tensor, end: int) -> Tensor:
    """Adds the check that integers are from 0 to below `end`; gives them once they are checked."""
    inside = tf.reduce_all((numbers >= 0) & (numbers < end))
    check = _expect(inside, f"{name}: expected numbers from 0 to {end - 1}", numbers)
    with tf.control_dependencies([check]):
        return tf.identity(numbers)


def _expect(condition: Tensor, message: str, given: Tensor) -> Any:
    return tf.debugging.Assert(condition, [f"{message}, got", given])


def blocks(time: Tensor) -> Tensor:
    """The blocks that the loop over `time` samples has: at least one, as its arrays want it."""
    return (tf.maximum(time, 1) + BLOCK - 1) // BLOCK


def generate(
    step: loops.BlockStep,
    draw: Any,
    time: Tensor,
    first: Tensor,
    state: Tensors,
    streams: Tensor,
    seed: Tensor,
    temperature: Tensor,
    numbers: int,
) -> Tensor:
    """Draws samples from the beginning.

    Args:
        step: The network.
        draw: As of `loops.generate`.
        time: Samples, int32 [].
        first: What is fed first, [batch, …].
        state: The network's.
        streams: As of `check`, and so are those that follow.
        seed: For the random numbers.
        temperature: Of the distribution.
        numbers: Random numbers that a sample takes.

    Returns:
        float32 [batch, time].
    """

    def uniforms(block: Tensor) -> Tensor:
        start = tf.cast(block, tf.int64) * BLOCK
        drawn = philox.uniforms(seed, streams, start, BLOCK, numbers)
        return tf.transpose(drawn, [1, 0, 2])

    interval = tf.constant(0), tf.maximum(time, 1)
    samples, *_ = loops.generate(
        step, draw, blocks(time), interval, first, uniforms, temperature, state
    )
    return tf.transpose(samples[:time])
