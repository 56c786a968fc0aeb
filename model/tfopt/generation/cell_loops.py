"""The loops of `loops` as functions of one cell, and calls of any length with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tfopt.generation import loops
from tfopt.generation.arguments import Array
from tfopt.generation.cells import Cell, cells
from tfopt.tensors import Tensor, Tensors


@dataclass(frozen=True)
class State:
    """Streams at an absolute time: the steps made so far, and the network's state."""

    time: int
    tensors: Tensors


class Network(Protocol):
    """A network as these loops run it."""

    def start(self, batch: int) -> tuple[NDArray[Any], ...]:
        """The zero state."""
        ...

    def enter(self, state: Tensors) -> Tensors:
        """A state for a loop to begin with."""
        ...

    def steps(self, inputs: Tensors) -> loops.BlockStep:
        """The steps that samples are drawn from, given a cell's inputs."""
        ...

    def draw(self, said: Tensor, uniforms: Tensor, temperature: Tensor) -> tuple[Tensor, Tensor]:
        """Draws a sample from what a step says; the sample, and what it is when fed."""
        ...

    def scored_steps(self, inputs: Tensors) -> loops.BlockStep:
        """The steps of teacher forcing, which give the outputs."""
        ...


@dataclass(frozen=True)
class Sizes:
    """The sizes of what the loops are given.

    Attributes:
        last: The shape of what is fed first, without the batch.
        fed: The shape of what a step of teacher forcing is fed, without the batch.
        uniforms: Random numbers a sample.
        outputs: Numbers that a step of teacher forcing gives.
        inputs: What else a cell is given.
        forced: Whether samples may be forced.
    """

    last: Sequence[int]
    fed: Sequence[int]
    uniforms: int
    outputs: int
    inputs: tuple[Any, ...]
    forced: bool = False


class CellLoops:
    """The loop inside the graph (`tf.while_loop`): one run yields a thousand samples."""

    def __init__(self, network: Network, sizes: Sizes, *, jit: bool) -> None:
        self._network = network
        self._sizes = sizes
        # One trace for batches of any size; XLA compiles it for each.
        options = {"jit_compile": True} if jit else {}
        interval = tf.TensorSpec([2], tf.int32)
        state = tuple(tf.TensorSpec([None] * part.ndim, part.dtype) for part in network.start(0))
        forced = (tf.TensorSpec([], tf.int32), array(None, None, None)) if sizes.forced else ()
        self._generate = tf.function(
            self._traced,
            input_signature=[
                interval,
                array(None, *sizes.last),
                array(None, None, None, sizes.uniforms),
                array(),
                forced,
                sizes.inputs,
                state,
            ],
            **options,
        )
        self._logits = tf.function(
            self._traced_logits,
            input_signature=[interval, array(None, None, None, *sizes.fed), sizes.inputs, state],
            **options,
        )

    def start(self, batch: int) -> State:
        """The zero state."""
        return State(0, tuple(tf.constant(part) for part in self._network.start(batch)))

    def generate(
        self,
        state: State,
        last: Array,
        uniforms: Array,
        temperature: float,
        inputs: Callable[[Cell], tuple[Any, ...]],
        forced: Array | None = None,
    ) -> tuple[Array, State]:
        """Draws samples.

        Args:
            state: As `start` or the call before gave it.
            last: What is fed first, [batch, …].
            uniforms: [batch, time, numbers a sample].
            temperature: At least 0.
            inputs: What else a part of the call is given.
            forced: [batch, n]: the first n samples are these, not drawn ones; if the sizes say so, else None.

        Returns:
            samples, [batch, time]; the new state, in which all of them but the last were fed.
        """
        batch, time = uniforms.shape[:2]
        result = np.empty([batch, time], np.float32)
        fed = tf.constant(last)
        tensors = state.tensors
        for cell in cells(state.time, time):
            samples, fed, tensors = self._generate(
                tf.constant([cell.begin, cell.end]),
                fed,
                cell.place(uniforms),
                tf.constant(temperature, tf.float32),
                () if forced is None else (tf.constant(cell.forced(forced)), cell.place(forced)),
                inputs(cell),
                tensors,
            )
            part = samples.numpy()[cell.begin : cell.end]
            result[:, cell.offset : cell.offset + cell.count] = part.T
        return result, State(state.time + time, tensors)

    def logits(
        self, state: State, fed: Array, inputs: Callable[[Cell], tuple[Any, ...]]
    ) -> tuple[Array, State]:
        """The outputs after each step that feeds a row of [batch, time, …]."""
        batch, time = fed.shape[:2]
        result = np.empty([batch, time, self._sizes.outputs], np.float32)
        tensors = state.tensors
        for cell in cells(state.time, time):
            rows, tensors = self._logits(
                tf.constant([cell.begin, cell.end]),
                cell.place(fed),
                inputs(cell),
                tensors,
            )
            part = rows.numpy()[cell.begin : cell.end]
            result[:, cell.offset : cell.offset + cell.count] = np.moveaxis(part, 0, 1)
        return result, State(state.time + time, tensors)

    def _traced(
        self,
        interval: Tensor,
        last: Tensor,
        uniforms: Tensor,
        temperature: Tensor,
        forced: Tensors,
        inputs: Tensors,
        state: Tensors,
    ) -> tuple[Tensor, Tensor, Tensors]:
        return loops.generate(
            self._network.steps(inputs),
            self._network.draw,
            tf.shape(uniforms)[0],
            tuple(tf.unstack(interval)),
            last,
            of_block(uniforms),
            temperature,
            self._network.enter(state),
            (forced[0], of_block(forced[1])) if forced else None,
        )

    def _traced_logits(
        self, interval: Tensor, fed: Tensor, inputs: Tensors, state: Tensors
    ) -> tuple[Tensor, Tensors]:
        return loops.teacher_forced(
            self._network.scored_steps(inputs),
            self._sizes.outputs,
            tf.shape(fed)[0],
            tuple(tf.unstack(interval)),
            of_block(fed),
            self._network.enter(state),
        )


def of_block(rows: Tensor) -> loops.OfBlock:
    """Rows of all blocks, [blocks, BLOCK, batch, …], one block at a time."""
    # Gathered, not sliced: XLA would compile a slice anew for every place.
    return lambda block: tf.gather(rows, block)


def array(*shape: int | None) -> Any:
    """What a float32 tensor of a shape is to `tf.function`."""
    return tf.TensorSpec(shape, tf.float32)
