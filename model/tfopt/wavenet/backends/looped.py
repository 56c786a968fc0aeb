"""The rungs whose loop over time runs inside the graph: `graph`, `xla` and `fused`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tfopt import sampling
from tfopt.generation import cell_loops, loops
from tfopt.generation.cell_loops import CellLoops, Sizes, State, array
from tfopt.generation.cells import Cell
from tfopt.tensors import Tensor, Tensors
from tfopt.wavenet.backends.protocol import Array
from tfopt.wavenet.config import WavenetConfig


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
        self._network = network
        sizes = Sizes(
            last=[],
            fed=[],
            uniforms=config.uniforms,
            outputs=config.outputs,
            inputs=(
                array(None, None, None, config.local_channels),
                array(None, config.global_channels),
                tf.TensorSpec([None], tf.int32),
            ),
            forced=True,
        )
        self._loops = CellLoops(_Steps(config, network), sizes, jit=jit)

    def start(self, batch: int) -> State:
        """The zero state."""
        return self._loops.start(batch)

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
        inputs = self._inputs(conditioning, speaker)
        return self._loops.generate(state, last, uniforms, temperature, inputs, forced)

    def logits(
        self, state: State, samples: Array, conditioning: Array, speaker: Array
    ) -> tuple[Array, State]:
        """Teacher-forced outputs."""
        return self._loops.logits(state, samples, self._inputs(conditioning, speaker))

    def _inputs(self, conditioning: Array, speaker: Array) -> Callable[[Cell], tuple[Any, ...]]:
        phases = self._network.phases
        return lambda cell: (cell.place(conditioning), speaker, phases(cell.time))


class _Steps:
    """A WaveNet as `CellLoops` runs it."""

    def __init__(self, config: WavenetConfig, network: Network) -> None:
        self._config = config
        self._network = network
        self.start = network.start
        self.enter = network.enter

    def steps(self, inputs: Tensors) -> loops.BlockStep:
        conditioning, speaker, phases = inputs
        return self._network.in_blocks(cell_loops.of_block(conditioning), speaker, phases)

    scored_steps = steps

    def draw(self, outputs: Tensor, uniforms: Tensor, temperature: Tensor) -> tuple[Tensor, Tensor]:
        sample = sampling.draw(self._config.output, outputs, uniforms, temperature)
        return sample, sample
