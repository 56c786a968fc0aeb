"""The rung `cached`: one call a sample, with the state carried from call to call."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tfopt import sampling
from tfopt.generation import stepwise
from tfopt.generation.cells import Cell
from tfopt.generation.leases import Leases
from tfopt.generation.loops import BLOCK
from tfopt.generation.stepwise import State, given, variable
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.wavenet.backends.protocol import Array
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.step import Step, row_of


class Cached:
    """One `session.run` a sample (see `tfopt.generation.stepwise`)."""

    def __init__(self, config: WavenetConfig, weights: Weights) -> None:
        self._config = config
        self._step = Step(config, weights)
        with tf.Graph().as_default() as graph:
            self._build()
        self._leases = Leases(graph)

    def start(self, batch: int) -> State:
        """The zero state."""
        queues, history = self._step.start(batch)
        lease = self._leases.take()
        lease.session.run(self._reset, {self._queues: queues, self._history: history})
        return State(0, lease)

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
        result = np.empty(uniforms.shape[:2], np.float32)
        inputs = last, forced, conditioning, speaker, uniforms, temperature
        return result, self._run(state, self._drawn, result, *inputs)

    def logits(
        self, state: State, samples: Array, conditioning: Array, speaker: Array
    ) -> tuple[Array, State]:
        """Teacher-forced outputs."""
        result = np.empty([*samples.shape, self._config.outputs], np.float32)
        uniforms = np.zeros([*samples.shape, self._config.uniforms], np.float32)
        inputs = samples[:, 0], samples[:, 1:], conditioning, speaker, uniforms, 0.0
        return result, self._run(state, self._outputs, result, *inputs)

    def _run(
        self,
        state: State,
        fetched: Tensor,
        result: Array,
        last: Array,
        forced: Array,
        conditioning: Array,
        speaker: Array,
        uniforms: Array,
        temperature: float,
    ) -> State:
        """Makes as many steps as `result`, [batch, time, …], has room for; writes what each one fetches."""
        call = {self._last: last, self._temperature: temperature}
        state.lease.session.run(self._enter_call, call)

        def feed(cell: Cell) -> dict[Tensor, object]:
            return {
                self._interval: [cell.begin, cell.forced(forced)],
                self._forced: cell.place(forced)[0],
                self._uniforms: cell.place(uniforms)[0],
                self._conditioning: cell.place(conditioning)[0],
                self._speaker: speaker,
                self._phases: self._step.phases(cell.time),
            }

        return stepwise.run(state, fetched, result, self._enter_block, feed)

    def _build(self) -> None:
        """Makes the graph: what is given from outside, the variables that it is assigned to, one step."""
        config, step = self._config, self._step
        self._queues = given(None, None, config.residual_channels)
        self._history = given(None, config.input_kernel_size - 1)
        queues, history = variable(self._queues), variable(self._history)
        self._reset = [queues.initializer, history.initializer]

        self._last, self._temperature = given(None), given()
        last, temperature = variable(self._last), variable(self._temperature)
        self._enter_call = [last.initializer, temperature.initializer]

        self._interval = given(2, dtype=tf.int32)
        self._forced, self._uniforms = given(BLOCK, None), given(BLOCK, None, config.uniforms)
        self._conditioning = given(BLOCK, None, config.local_channels)
        self._speaker = given(None, config.global_channels)
        self._phases = given(len(config.dilations), dtype=tf.int32)
        i, forced_end = map(variable, tf.unstack(self._interval))
        forced, uniforms = variable(self._forced), variable(self._uniforms)
        slots = variable(step.slots(self._phases))
        block = [i, forced_end, forced, uniforms, slots]
        additions = step.additions(lambda _: self._conditioning, tf.constant(0), self._speaker)
        if additions is not None:
            additions = variable(additions)
            block.append(additions)
        self._enter_block = [variable.initializer for variable in block]

        now = i.read_value()
        places = tf.gather(slots, now)
        past = tf.gather(queues, places)
        outputs, inputs, new_history = step.feed(
            last.read_value(), past, history.read_value(), row_of(additions, now)
        )
        drawn = sampling.draw(
            config.output, outputs, tf.gather(uniforms, now), temperature.read_value()
        )
        next_fed = tf.where(now < forced_end, tf.gather(forced, now), drawn)
        # All that is read is read before anything changes.
        with tf.control_dependencies([past, next_fed, new_history]):
            updates = [
                tf.raw_ops.ResourceScatterUpdate(
                    resource=queues.handle, indices=step.written(places), updates=inputs
                ),
                history.assign(new_history, read_value=False),
                last.assign(next_fed, read_value=False),
                i.assign_add(1, read_value=False),
            ]
        with tf.control_dependencies(updates):
            self._drawn, self._outputs = tf.identity(next_fed), tf.identity(outputs)
