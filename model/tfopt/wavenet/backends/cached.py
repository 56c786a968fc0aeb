"""The rung `cached`: one call a sample, with the state carried from call to call."""

from __future__ import annotations

import weakref
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from tfopt import sampling
from tfopt.model_directory import Weights
from tfopt.sessions import session
from tfopt.tensors import Tensor
from tfopt.wavenet.backends.cells import cells
from tfopt.wavenet.backends.protocol import Array
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.loops import BLOCK
from tfopt.wavenet.step import Step, row_of


@dataclass(frozen=True)
class State:
    """Streams at an absolute time: a session of theirs holds what was fed."""

    time: int
    lease: Lease


class Lease:
    """A session on loan: it goes back to the idle ones when the last state that holds it has gone."""

    def __init__(self, graph: tf.Graph, idle: deque[Any]) -> None:
        try:
            self.session = idle.pop()
        except IndexError:
            self.session = session(graph)
        weakref.finalize(self, idle.append, self.session).atexit = False


class Cached:
    """One `session.run` a sample, without anything fed: all that changes is in variables.

    They are updated in place, the counter of steps among them. Random numbers, conditioning and forced
    samples are assigned once a block.
    """

    def __init__(self, config: WavenetConfig, weights: Weights) -> None:
        self._config = config
        self._step = Step(config, weights)
        # Making one takes TensorFlow longer than many samples. Deques are safe to share between threads.
        # Two are kept: each holds its last streams' queues.
        self._idle: deque[Any] = deque(maxlen=2)
        with tf.Graph().as_default() as self._graph:
            self._build()

    def start(self, batch: int) -> State:
        """The zero state."""
        queues, history = self._step.start(batch)
        lease = Lease(self._graph, self._idle)
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
        given = last, forced, conditioning, speaker, uniforms, temperature
        return result, self._run(state, self._drawn, result, *given)

    def logits(
        self, state: State, samples: Array, conditioning: Array, speaker: Array
    ) -> tuple[Array, State]:
        """Teacher-forced outputs."""
        result = np.empty([*samples.shape, self._config.outputs], np.float32)
        uniforms = np.zeros([*samples.shape, self._config.uniforms], np.float32)
        given = samples[:, 0], samples[:, 1:], conditioning, speaker, uniforms, 0.0
        return result, self._run(state, self._outputs, result, *given)

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
        running, time = state.lease.session, state.time
        running.run(self._enter_call, {self._last: last, self._temperature: temperature})
        call = running.make_callable(fetched)
        for cell in cells(time, result.shape[1], BLOCK):
            feed = {
                self._interval: [cell.begin, cell.forced(forced)],
                self._forced: cell.place(forced)[0],
                self._uniforms: cell.place(uniforms)[0],
                self._conditioning: cell.place(conditioning)[0],
                self._speaker: speaker,
                self._phases: self._step.phases(time - cell.begin),
            }
            running.run(self._enter_block, feed)
            for t in range(cell.offset, cell.offset + cell.count):
                result[:, t] = call()
            time += cell.count
        return State(time, state.lease)

    def _build(self) -> None:
        """Makes the graph: what is given from outside, the variables that it is assigned to, one step."""
        config, step = self._config, self._step
        self._queues = _given(None, None, config.residual_channels)
        self._history = _given(None, config.input_kernel_size - 1)
        queues, history = _variable(self._queues), _variable(self._history)
        self._reset = [queues.initializer, history.initializer]

        self._last, self._temperature = _given(None), _given()
        last, temperature = _variable(self._last), _variable(self._temperature)
        self._enter_call = [last.initializer, temperature.initializer]

        self._interval = _given(2, dtype=tf.int32)
        self._forced, self._uniforms = _given(BLOCK, None), _given(BLOCK, None, config.uniforms)
        self._conditioning = _given(BLOCK, None, config.local_channels)
        self._speaker = _given(None, config.global_channels)
        self._phases = _given(len(config.dilations), dtype=tf.int32)
        i, forced_end = map(_variable, tf.unstack(self._interval))
        forced, uniforms = _variable(self._forced), _variable(self._uniforms)
        slots = _variable(step.slots(self._phases))
        block = [i, forced_end, forced, uniforms, slots]
        additions = step.additions(lambda _: self._conditioning, tf.constant(0), self._speaker)
        if additions is not None:
            additions = _variable(additions)
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


def _given(*shape: int | None, dtype: Any = tf.float32) -> Tensor:
    return tf.compat.v1.placeholder(dtype, shape)


def _variable(initial: Tensor) -> Any:
    """A variable that its initializer assigns `initial` to, as often as it runs."""
    return tf.Variable(initial, shape=initial.shape, validate_shape=False, trainable=False)
