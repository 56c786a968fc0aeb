"""The rungs whose loop over time runs inside the graph, of TensorFlow's own ops: `graph` and `xla`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tfopt.generation import cell_loops, loops
from tfopt.generation.cell_loops import CellLoops, Sizes, State, array
from tfopt.generation.cells import Cell
from tfopt.tensors import Tensor, Tensors
from tfopt.wavernn.backends.placing import placed
from tfopt.wavernn.backends.protocol import Array, Classes, Conditioning
from tfopt.wavernn.backends.targets import coarse
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.step import Step


class Looped:
    """The loop inside the graph (`tf.while_loop`): one call yields a thousand samples."""

    def __init__(self, config: WavernnConfig, step: Step, *, jit: bool = False) -> None:
        self._config = config
        sizes = Sizes(
            last=[config.fed_back],
            fed=[2 * config.fed_back - 1],  # of a split output with a column of coarse classes
            uniforms=config.uniforms,
            outputs=config.outputs,
            inputs=(
                array(None, None, None, config.mel_channels),
                array(None, None, config.aux_parts * config.aux_channels),
                tf.TensorSpec([], tf.int32),
            ),
        )
        self._loops = CellLoops(_Steps(config, step), sizes, jit=jit)

    def start(self, batch: int) -> State:
        """The zero state."""
        return self._loops.start(batch)

    def select(self, state: State, rows: Sequence[int]) -> State:
        """The state of some of the streams."""
        chosen = np.asarray(rows, np.int32)
        return State(state.time, tuple(tf.gather(part, chosen) for part in state.tensors))

    def advance(
        self,
        state: State,
        last: Array,
        conditioning: Conditioning,
        uniforms: Array,
        temperature: float,
    ) -> tuple[Array, State]:
        """Generates samples."""
        return self._loops.generate(state, last, uniforms, temperature, self._inputs(conditioning))

    def logits(
        self, state: State, fed: Array, targets: Classes | None, conditioning: Conditioning
    ) -> tuple[Array, State]:
        """Teacher-forced outputs."""
        rows = np.concatenate([fed, coarse(self._config, fed, targets)], -1)
        return self._loops.logits(state, rows, self._inputs(conditioning))

    def _inputs(self, conditioning: Conditioning) -> Callable[[Cell], tuple[Any, ...]]:
        hop_length = self._config.hop_length
        return lambda cell: placed(conditioning, hop_length, cell)


class _Steps:
    """A WaveRNN as `CellLoops` runs it."""

    def __init__(self, config: WavernnConfig, step: Step) -> None:
        self._config = config
        self._step = step
        self.start = step.start
        self.draw = step.draw

    def enter(self, state: Tensors) -> Tensors:
        # A step overwrites nothing.
        return state

    def steps(self, inputs: Tensors) -> loops.BlockStep:
        mels, aux, place = inputs
        return self._step.in_blocks(cell_loops.of_block(mels), aux, place)

    def scored_steps(self, inputs: Tensors) -> loops.BlockStep:
        enter, numbers = self.steps(inputs), self._config.fed_back

        def enter_scored(block: Tensor) -> loops.Step:
            step = enter(block)

            def scored_step(i: Tensor, row: Tensor, state: Tensors) -> tuple[Tensor, Tensors]:
                hidden, after = step(i, row[:, :numbers], state)
                return self._step.outputs(hidden, row[:, numbers:]), after

            return scored_step

        return enter_scored
