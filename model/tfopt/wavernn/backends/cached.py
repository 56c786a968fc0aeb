"""The rung `cached`: one call a sample, with the GRUs' states carried from call to call."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tfopt.generation import stepwise
from tfopt.generation.cells import Cell
from tfopt.generation.leases import Leases
from tfopt.generation.loops import BLOCK
from tfopt.generation.stepwise import State, given, variable
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor, Tensors
from tfopt.wavernn.backends.placing import placed
from tfopt.wavernn.backends.protocol import Array, Classes, Conditioning
from tfopt.wavernn.backends.targets import coarse
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.step import Step


class Cached:
    """One `session.run` a sample (see `tfopt.generation.stepwise`)."""

    def __init__(self, config: WavernnConfig, weights: Weights) -> None:
        self._config = config
        self._step = Step(config, weights)
        with tf.Graph().as_default() as graph:
            self._build()
        self._leases = Leases(graph)

    def start(self, batch: int) -> State:
        """The zero state."""
        return self._at(0, self._step.start(batch))

    def select(self, state: State, rows: Sequence[int]) -> State:
        """The state of some of the streams."""
        tensors = state.lease.session.run(self._states)
        return self._at(state.time, tuple(tensor[list(rows)] for tensor in tensors))

    def advance(
        self,
        state: State,
        last: Array,
        conditioning: Conditioning,
        uniforms: Array,
        temperature: float,
    ) -> tuple[Array, State]:
        """Generates samples."""
        result = np.empty(uniforms.shape[:2], np.float32)
        call = {self._last: last, self._temperature: temperature}
        state.lease.session.run(self._enter_call, call)

        def feed(cell: Cell) -> dict[Tensor, object]:
            numbers = {self._uniforms: cell.place(uniforms)[0]}
            return self._conditioned(conditioning, cell) | numbers

        enter = [*self._enter_block, self._enter_uniforms]
        return result, stepwise.run(state, self._drawn, result, enter, feed)

    def logits(
        self, state: State, fed: Array, targets: Classes | None, conditioning: Conditioning
    ) -> tuple[Array, State]:
        """Teacher-forced outputs."""
        result = np.empty([*fed.shape[:2], self._config.outputs], np.float32)
        rows = np.concatenate([fed, coarse(self._config, fed, targets)], -1)

        def feed(cell: Cell) -> dict[Tensor, object]:
            return self._conditioned(conditioning, cell) | {self._fed: cell.place(rows)[0]}

        enter = [*self._enter_block, self._enter_fed]
        return result, stepwise.run(state, self._outputs, result, enter, feed)

    def _at(self, time: int, tensors: tuple[Array, ...]) -> State:
        """A session in which the GRUs' states are these."""
        lease = self._leases.take()
        lease.session.run(self._reset, dict(zip(self._given_states, tensors, strict=True)))
        return State(time, lease)

    def _conditioned(self, conditioning: Conditioning, cell: Cell) -> dict[Tensor, object]:
        mels, aux, place = placed(conditioning, self._config.hop_length, cell)
        return {
            self._i: cell.begin,
            self._mels: mels[0],
            self._aux: aux,
            self._place: place,
        }

    def _build(self) -> None:
        """Makes the graph: what is given from outside, the variables that it is assigned to, the steps."""
        config, step = self._config, self._step
        self._given_states = [given(None, config.rnn_channels) for _ in range(config.rnn_layers)]
        states = [variable(tensor) for tensor in self._given_states]
        self._reset = [state.initializer for state in states]
        self._states = [state.read_value() for state in states]

        self._last, self._temperature = given(None, config.fed_back), given()
        last, temperature = variable(self._last), variable(self._temperature)
        self._enter_call = [last.initializer, temperature.initializer]

        self._i, self._place = given(dtype=tf.int32), given(dtype=tf.int32)
        self._mels = given(BLOCK, None, config.mel_channels)
        self._aux = given(None, None, config.aux_parts * config.aux_channels)
        i = variable(self._i)
        rows = variable(step.rows(self._mels, step.frames(self._aux), self._place))
        self._enter_block = [i.initializer, rows.initializer]

        self._uniforms = given(BLOCK, None, config.uniforms)
        uniforms = variable(self._uniforms)
        self._enter_uniforms = uniforms.initializer
        self._fed = given(BLOCK, None, 2 * config.fed_back - 1)
        forced = variable(self._fed)
        self._enter_fed = forced.initializer

        def stepped(fed: Tensor, now: Tensor) -> tuple[Tensor, Tensors]:
            return step(fed, tf.gather(rows, now), tuple(state.read_value() for state in states))

        def updates(now: Tensor, after: Tensors, *others: tuple[Tensor, Tensor]) -> list[Tensor]:
            # All that is read is read before anything changes.
            with tf.control_dependencies([*after, *(value for _, value in others)]):
                changes = [*zip(states, after, strict=True), *others, (i, now + 1)]
                return [changed.assign(value, read_value=False) for changed, value in changes]

        now = i.read_value()
        hidden, after = stepped(last.read_value(), now)
        sample, fed = step.draw(hidden, tf.gather(uniforms, now), temperature.read_value())
        with tf.control_dependencies(updates(now, after, (last, fed))):
            self._drawn = tf.identity(sample)

        row = tf.gather(forced, now)
        hidden, after = stepped(row[:, : config.fed_back], now)
        outputs = step.outputs(hidden, row[:, config.fed_back :])
        with tf.control_dependencies([outputs, *updates(now, after)]):
            self._outputs = tf.identity(outputs)
