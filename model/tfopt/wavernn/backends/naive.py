"""The rung `naive`: one `session.run` a sample, each of which computes all samples before again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf

from tfopt.generation.stepwise import given
from tfopt.model_directory import Weights
from tfopt.sessions import session
from tfopt.wavernn.backends.protocol import Array, Classes, Conditioning
from tfopt.wavernn.backends.targets import coarse
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.head import Head
from tfopt.wavernn.network import Network


@dataclass(frozen=True)
class State:
    """All steps so far: what was fed, [batch, time, fed_back], and with what conditioning."""

    fed: Array
    conditioning: Conditioning


class Naive:
    """The network called as in training, over whole signals. What a sample costs grows with those before."""

    def __init__(self, config: WavernnConfig, weights: Weights) -> None:
        self._config = config
        network, head = Network(config, weights), Head(config, weights)
        with tf.Graph().as_default() as graph:
            self._fed = given(None, None, config.fed_back)
            self._mels = given(None, None, config.mel_channels)
            self._aux = given(None, None, config.aux_parts * config.aux_channels)
            self._place = given(dtype=tf.int32)
            self._uniforms, self._temperature = given(None, config.uniforms), given()
            self._coarse = given(None, None, config.fed_back - 1)
            hidden = network.hidden(self._fed, self._mels, self._aux, self._place)
            self._drawn = head.draw(hidden[:, -1], self._uniforms, self._temperature)
            batch, time = tf.unstack(tf.shape(hidden)[:2])
            rows = head.outputs(
                tf.reshape(hidden, [-1, config.fc_channels]),
                tf.reshape(self._coarse, [batch * time, config.fed_back - 1]),
            )
            self._outputs = tf.reshape(rows, [batch, time, config.outputs])
        self._session = session(graph)

    def start(self, batch: int) -> State:
        """The zero state."""
        config = self._config
        mels = np.zeros([batch, 0, config.mel_channels], np.float32)
        aux = np.zeros([batch, 0, config.aux_parts * config.aux_channels], np.float32)
        fed = np.zeros([batch, 0, config.fed_back], np.float32)
        return State(fed, Conditioning(mels, aux, 0))

    def select(self, state: State, rows: Sequence[int]) -> State:
        """The state of some of the streams."""
        chosen, of = list(rows), state.conditioning
        return State(state.fed[chosen], replace(of, mels=of.mels[chosen], aux=of.aux[chosen]))

    def advance(
        self,
        state: State,
        last: Array,
        conditioning: Conditioning,
        uniforms: Array,
        temperature: float,
    ) -> tuple[Array, State]:
        """Generates samples."""
        seen = self._with(state, conditioning)
        batch, time = uniforms.shape[:2]
        samples = np.empty([batch, time], np.float32)
        fed = np.concatenate([state.fed, last[:, np.newaxis]], axis=1)
        for t in range(time):
            feed = {self._uniforms: uniforms[:, t], self._temperature: temperature}
            feed |= self._feed(fed, seen)
            samples[:, t], drawn = self._session.run(self._drawn, feed)
            fed = np.concatenate([fed, drawn[:, np.newaxis]], axis=1)
        return samples, State(fed[:, :-1], seen)

    def logits(
        self, state: State, fed: Array, targets: Classes | None, conditioning: Conditioning
    ) -> tuple[Array, State]:
        """Teacher-forced outputs, all in one run."""
        seen, before = self._with(state, conditioning), state.fed.shape[1]
        fed_so_far = np.concatenate([state.fed, fed], axis=1)
        targets_coarse = np.pad(coarse(self._config, fed, targets), [(0, 0), (before, 0), (0, 0)])
        feed = self._feed(fed_so_far, seen) | {self._coarse: targets_coarse}
        outputs: Array = self._session.run(self._outputs, feed)
        return outputs[:, before:], State(fed_so_far, seen)

    def _feed(self, fed: Array, seen: Conditioning) -> dict[object, object]:
        return {
            self._fed: fed,
            self._mels: seen.mels[:, : fed.shape[1]],
            self._aux: seen.aux,
            self._place: seen.offset,
        }

    def _with(self, state: State, conditioning: Conditioning) -> Conditioning:
        """What all steps so far and some more are conditioned on."""
        if not state.fed.shape[1]:
            return conditioning
        seen = state.conditioning
        # The first of the new frames may be the last of the old ones.
        frames = (seen.offset + state.fed.shape[1]) // self._config.hop_length
        return Conditioning(
            np.concatenate([seen.mels, conditioning.mels], axis=1),
            np.concatenate([seen.aux[:, :frames], conditioning.aux], axis=1),
            seen.offset,
        )
