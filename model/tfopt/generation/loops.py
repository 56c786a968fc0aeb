"""The loops over time as parts of a graph: generation and teacher forcing.

Time goes in blocks: what does not depend on the last sample is computed at a block's start for all of its
steps, in memory that does not grow with time. Results are collected block by block too: a tensor for every
sample would need a hundred times the sample's memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfopt.tensors import Tensor, Tensors

BLOCK = 64  # steps

# Feeds a sample: (place in the block, what is fed, state) → what the network then says, state. What is fed
# is [batch] or [batch, numbers a sample]; what the network says is the model's own, [batch, …].
Step = Callable[[Tensor, Tensor, Tensors], tuple[Tensor, Tensors]]
# (what the network says, uniforms [batch, numbers], temperature []) → sample [batch], what it is when fed.
Draw = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
# Makes the step of a block, given its number; gives what belongs to a block.
BlockStep = Callable[[Tensor], Step]
OfBlock = Callable[[Tensor], Tensor]


def generate(
    block_step: BlockStep,
    draw: Draw,
    blocks: Tensor,
    interval: Tensors,
    last: Tensor,
    uniforms: OfBlock,
    temperature: Tensor,
    state: Tensors,
    forced: tuple[Tensor, OfBlock] | None = None,
) -> tuple[Tensor, Tensor, Tensors]:
    """Draws samples, each of which is fed to the next step.

    Args:
        block_step: The network.
        draw: Draws a sample from what the network says.
        blocks: The number of blocks, int32 [].
        interval: The first step, the step behind the last one, int32 []; between 0 and blocks * BLOCK. At
            least one step.
        last: What the first step is fed.
        uniforms: Random numbers, float32 [BLOCK, batch, numbers a sample].
        temperature: float32 [].
        state: The network's.
        forced: For models that are fed samples as they are: the step before which these are not drawn ones,
            int32 [], and what takes their place, float32 [BLOCK, batch].

    Returns:
        samples, float32 [blocks * BLOCK, batch], of which those of the interval count; the last one as it is
        fed; the new state.
    """
    begin, end = interval

    def run(block: Tensor, samples: Any, last: Tensor, *state: Tensor) -> Tensors:
        step, uniforms_here = block_step(block), uniforms(block)
        forced_here = forced[1](block) if forced else None

        def body(i: Tensor, drawn: Any, last: Tensor, *state: Tensor) -> Tensors:
            said, after = step(i, last, state)
            sample, fed = draw(said, tf.gather(uniforms_here, i), temperature)
            if forced:
                is_forced = block * BLOCK + i < forced[0]
                sample = fed = tf.where(is_forced, tf.gather(forced_here, i), sample)
            return drawn.write(i, sample), fed, *after

        carried = _array(BLOCK, last.shape[:1]), last, *state
        drawn, last, *after = _steps(block, begin, end, body, carried)
        return samples.write(block, drawn.stack()), last, *after

    samples = _array(blocks, [BLOCK, *last.shape[:1]])
    samples, last, *after = _blocks(begin, end, run, (samples, last, *state))
    return samples.concat(), last, tuple(after)


def teacher_forced(
    block_step: BlockStep,
    outputs: int,
    blocks: Tensor,
    interval: Tensors,
    fed: OfBlock,
    state: Tensors,
) -> tuple[Tensor, Tensors]:
    """Feeds what is given, float32 [BLOCK, batch, …]; other arguments as of `generate`.

    Returns:
        The outputs after each step, float32 [blocks * BLOCK, batch, outputs], of which those of the interval
        count; the new state.
    """
    begin, end = interval

    def run(block: Tensor, rows: Any, *state: Tensor) -> Tensors:
        step, fed_here = block_step(block), fed(block)

        def body(i: Tensor, written: Any, *state: Tensor) -> Tensors:
            logits, after = step(i, tf.gather(fed_here, i), state)
            return written.write(i, logits), *after

        carried = _array(BLOCK, [None, outputs]), *state
        written, *after = _steps(block, begin, end, body, carried)
        return rows.write(block, written.stack()), *after

    rows = _array(blocks, [BLOCK, None, outputs])
    rows, *after = _blocks(begin, end, run, (rows, *state))
    return rows.concat(), tuple(after)


def _blocks(begin: Tensor, end: Tensor, run: Callable[..., Tensors], carried: Tensors) -> Tensors:
    """Calls run(block, *carried) for each block that has a step from `begin` up to `end`."""
    _, *carried = tf.while_loop(
        lambda block, *_: block * BLOCK < end,
        lambda block, *carried: (block + 1, *run(block, *carried)),
        (begin // BLOCK, *carried),
        parallel_iterations=1,
    )
    return tuple(carried)


def _steps(
    block: Tensor, begin: Tensor, end: Tensor, body: Callable[..., Tensors], carried: Tensors
) -> Tensors:
    """Calls body(i, *carried) for each step i of a block that is from `begin` up to `end`."""
    first, behind = tf.maximum(begin - block * BLOCK, 0), tf.minimum(end - block * BLOCK, BLOCK)
    _, *carried = tf.while_loop(
        lambda i, *_: i < behind,
        lambda i, *carried: (i + 1, *body(i, *carried)),
        (first, *carried),
        parallel_iterations=1,
    )
    return tuple(carried)


def _array(size: Tensor, shape: Any) -> Any:
    return tf.TensorArray(tf.float32, size=size, element_shape=shape)
