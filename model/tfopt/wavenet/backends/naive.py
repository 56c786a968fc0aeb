"""The rung `naive`: one `session.run` a sample, each of which computes the whole receptive field again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from tfopt import sampling
from tfopt.model_directory import Weights
from tfopt.sessions import session
from tfopt.wavenet.backends.protocol import Array
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.network import Network


@dataclass(frozen=True)
class State:
    """The latest steps, at most the receptive field but one: what was fed, and with what conditioning."""

    samples: Array  # [batch, steps]
    conditioning: Array  # [batch, steps, local_channels]


class Naive:
    """What WaveNet's first implementations do.

    A run sees the samples of the receptive field, or all there are. Zeros, which stand for no input at all,
    are only seen in front of the first sample, so that this is exact.
    """

    def __init__(self, config: WavenetConfig, weights: Weights) -> None:
        self._config = config
        network = Network(config, weights)
        with tf.Graph().as_default() as graph:
            self._samples = tf.compat.v1.placeholder(tf.float32, [None, None])
            self._conditioning = tf.compat.v1.placeholder(
                tf.float32, [None, None, config.local_channels]
            )
            self._speaker = tf.compat.v1.placeholder(tf.float32, [None, config.global_channels])
            self._uniforms = tf.compat.v1.placeholder(tf.float32, [None, config.uniforms])
            self._temperature = tf.compat.v1.placeholder(tf.float32, [])
            seen = self._samples, self._conditioning, self._speaker
            self._drawn = sampling.draw(
                config.output, network.last_logits(*seen), self._uniforms, self._temperature
            )
            self._rows = network.logits(*seen)
        self._session = session(graph)

    def start(self, batch: int) -> State:
        """The zero state."""
        return State(
            np.zeros([batch, 0], np.float32),
            np.zeros([batch, 0, self._config.local_channels], np.float32),
        )

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
        time = uniforms.shape[1]
        fed = np.concatenate(
            [state.samples, last[:, np.newaxis], forced, np.zeros_like(uniforms[:, :, 0])], axis=1
        )
        rows = np.concatenate([state.conditioning, conditioning], axis=1)
        known = state.samples.shape[1] + 1
        for t in range(forced.shape[1], time):
            seen = slice(max(0, known + t - self._config.receptive_field), known + t)
            fed[:, known + t] = self._session.run(
                self._drawn,
                {
                    self._samples: fed[:, seen],
                    self._conditioning: rows[:, seen],
                    self._speaker: speaker,
                    self._uniforms: uniforms[:, t],
                    self._temperature: temperature,
                },
            )
        samples = fed[:, known : known + time]
        return samples, self._after(fed[:, : known - 1 + time], rows)

    def logits(
        self, state: State, samples: Array, conditioning: Array, speaker: Array
    ) -> tuple[Array, State]:
        """Teacher-forced outputs, all in one run."""
        fed = np.concatenate([state.samples, samples], axis=1)
        rows = np.concatenate([state.conditioning, conditioning], axis=1)
        feed = {self._samples: fed, self._conditioning: rows, self._speaker: speaker}
        outputs: Array = self._session.run(self._rows, feed)
        return outputs[:, state.samples.shape[1] :], self._after(fed, rows)

    def _after(self, fed: Array, rows: Array) -> State:
        """The state in which all of these were fed."""
        begin = max(0, fed.shape[1] - self._config.receptive_field + 1)
        return State(fed[:, begin:].copy(), rows[:, begin:].copy())
