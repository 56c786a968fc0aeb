"""One `session.run` a sample, without anything fed: all that changes is in variables.

They are updated in place, the counter of steps among them. Random numbers, conditioning and forced samples
are assigned once a block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from tfopt.generation.arguments import Array
from tfopt.generation.cells import Cell, cells
from tfopt.generation.leases import Lease
from tfopt.generation.loops import BLOCK
from tfopt.tensors import Tensor


@dataclass(frozen=True)
class State:
    """Streams at an absolute time: a session of theirs holds what was fed."""

    time: int
    lease: Lease


def run(
    state: State,
    fetched: Tensor,
    result: Array,
    enter_block: Any,
    feed: Callable[[Cell], dict[Tensor, Any]],
) -> State:
    """Makes as many steps as `result`, [batch, time, …], has room for; writes what each one fetches.

    Args:
        state: The streams' session, in which what belongs to the call is assigned already.
        fetched: What a step gives.
        result: Is written.
        enter_block: Assigns what belongs to a block.
        feed: What that needs for a part of a block.
    """
    running, time = state.lease.session, result.shape[1]
    call = running.make_callable(fetched)
    for cell in cells(state.time, time, BLOCK):
        running.run(enter_block, feed(cell))
        for t in range(cell.offset, cell.offset + cell.count):
            result[:, t] = call()
    return State(state.time + time, state.lease)


def given(*shape: int | None, dtype: Any = tf.float32) -> Tensor:
    """A tensor that is given from outside."""
    return tf.compat.v1.placeholder(dtype, shape)


def variable(initial: Tensor) -> Any:
    """A variable that its initializer assigns `initial` to, as often as it runs."""
    return tf.Variable(initial, shape=initial.shape, validate_shape=False, trainable=False)
