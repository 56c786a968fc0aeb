"""The rungs whose loop over time runs inside the graph: `graph`, `xla` and `fused`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tfopt.tensors import Tensor, Tensors
from tfopt.wavenet import loops
from tfopt.wavenet.backends.cells import Cell, cells
from tfopt.wavenet.backends.protocol import Array
from tfopt.wavenet.config import WavenetConfig


@dataclass(frozen=True)
class State:
    """Streams at an absolute time: the steps made so far, and the network's state."""

    time: int
    tensors: Tensors


class Network(Protocol):
    """A network's step for loops in a graph (see `tfopt.wavenet.step.Step`)."""

    def start(self, batch: int) -> tuple[NDArray[Any], ...]:
        """The zero state."""
        ...

    def enter(self, state: Tensors) -> Tensors:
        """A state for a loop to begin with."""
        ...

    def phases(self, time: int) -> NDArray[np.int32]:
        """What the step has to know of the absolute time."""
        ...

    def in_blocks(
        self, conditioning: Callable[[Tensor], Tensor], speaker: Tensor, phases: Tensor
    ) -> loops.BlockStep:
        """The step as the loops want it."""
        ...


class Looped:
    """The loop inside the graph (`tf.while_loop`): one call yields a thousand samples."""

    def __init__(self, config: WavenetConfig, network: Network, *, jit: bool = False) -> None:
        self._config = config
        self._network = network
        # One trace for batches of any size; XLA compiles it for each.
        options = {"jit_compile": True} if jit else {}
        common = [
            _array(None, None, None, config.local_channels),
            _array(None, config.global_channels),
            tf.TensorSpec([None], tf.int32),
            tuple(tf.TensorSpec([None] * part.ndim, part.dtype) for part in network.start(0)),
        ]
        self._generate = tf.function(
            self._traced,
            input_signature=[
                tf.TensorSpec([3], tf.int32),
                _array(None),
                _array(None, None, None),
                _array(None, None, None, config.uniforms),
                _array(),
                *common,
            ],
            **options,
        )
        self._logits = tf.function(
            self._traced_logits,
            input_signature=[tf.TensorSpec([2], tf.int32), _array(None, None, None), *common],
            **options,
        )

    def start(self, batch: int) -> State:
        """The zero state."""
        return State(0, tuple(tf.constant(part) for part in self._network.start(batch)))

    def advance(
        self,
        state: State,
        last: Array,
        forced: Array,
        conditioning: Array,
        speaker: Array,
        uniforms: Array,
        temperature: float,
    ) -> tuple[Array, State]:
        """Generates samples."""
        batch, time = uniforms.shape[:2]
        result = np.empty([batch, time], np.float32)
        fed = tf.constant(last)
        for cell in cells(state.time, time):
            samples, fed, tensors = self._generate(
                tf.constant([cell.begin, cell.forced(forced), cell.end]),
                fed,
                cell.place(forced),
                cell.place(uniforms),
                tf.constant(temperature, tf.float32),
                *self._inputs(state.time, cell, conditioning, speaker),
                state.tensors,
            )
            part = samples.numpy()[cell.begin : cell.end]
            result[:, cell.offset : cell.offset + cell.count] = part.T
            state = State(state.time + cell.count, tensors)
        return result, state

    def logits(
        self, state: State, samples: Array, conditioning: Array, speaker: Array
    ) -> tuple[Array, State]:
        """Teacher-forced outputs."""
        result = np.empty([*samples.shape, self._config.outputs], np.float32)
        for cell in cells(state.time, samples.shape[1]):
            rows, tensors = self._logits(
                tf.constant([cell.begin, cell.end]),
                cell.place(samples),
                *self._inputs(state.time, cell, conditioning, speaker),
                state.tensors,
            )
            part = rows.numpy()[cell.begin : cell.end]
            result[:, cell.offset : cell.offset + cell.count] = np.moveaxis(part, 0, 1)
            state = State(state.time + cell.count, tensors)
        return result, state

    def _inputs(self, time: int, cell: Cell, conditioning: Array, speaker: Array) -> list[Tensor]:
        return [cell.place(conditioning), speaker, self._network.phases(time - cell.begin)]

    def _traced(
        self,
        interval: Tensor,
        last: Tensor,
        forced: Tensor,
        uniforms: Tensor,
        temperature: Tensor,
        conditioning: Tensor,
        speaker: Tensor,
        phases: Tensor,
        state: Tensors,
    ) -> tuple[Tensor, Tensor, Tensors]:
        return loops.generate(
            self._network.in_blocks(_of_block(conditioning), speaker, phases),
            self._config.output,
            tf.shape(forced)[0],
            tuple(tf.unstack(interval)),
            last,
            _of_block(forced),
            _of_block(uniforms),
            temperature,
            self._network.enter(state),
        )

    def _traced_logits(
        self,
        interval: Tensor,
        samples: Tensor,
        conditioning: Tensor,
        speaker: Tensor,
        phases: Tensor,
        state: Tensors,
    ) -> tuple[Tensor, Tensors]:
        return loops.teacher_forced(
            self._network.in_blocks(_of_block(conditioning), speaker, phases),
            self._config.outputs,
            tf.shape(samples)[0],
            tuple(tf.unstack(interval)),
            _of_block(samples),
            self._network.enter(state),
        )


def _of_block(rows: Tensor) -> loops.OfBlock:
    """Rows of all blocks, [blocks, BLOCK, batch, …], one block at a time."""
    # Gathered, not sliced: XLA would compile a slice anew for every place.
    return lambda block: tf.gather(rows, block)


def _array(*shape: int | None) -> Any:
    return tf.TensorSpec(shape, tf.float32)
