"""The whole WaveRNN over time, from the zero state, as TensorFlow functions; nothing is hoisted.

For the `naive` rung; generating with it costs all samples before for each sample.
"""

from __future__ import annotations

import tensorflow as tf

from tfopt.model_directory import Weights
from tfopt.tensors import Tensor, Tensors
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.gru import gru


class Network:
    """A WaveRNN layer by layer, each over all steps at once but for what the GRUs hand on."""

    def __init__(self, config: WavernnConfig, weights: Weights) -> None:
        self._config = config
        self._weights = weights

    def hidden(self, fed: Tensor, mels: Tensor, aux: Tensor, place: Tensor) -> Tensor:
        """What the last fully connected layer says in each step.

        Args:
            fed: float32 [batch, time, fed_back].
            mels: float32 [batch, time, mel_channels].
            aux: Of every frame that one of the steps is in, float32 [batch, frames, aux_parts *
                aux_channels].
            place: The first step's in its frame, int32 [].

        Returns:
            float32 [batch, time, fc_channels].
        """
        config = self._config
        frames = (place + tf.range(tf.shape(fed)[1])) // config.hop_length
        parts = tf.split(tf.gather(aux, frames, axis=1), config.aux_parts, -1)
        x = self._layer("input", [fed, mels, parts[0]])
        for i in range(config.rnn_layers):
            x += self._gru(f"rnn.{i}", self._layer(f"rnn.{i}", [x, parts[i]] if i else [x]))
        for i in range(config.fc_layers):
            x = tf.nn.relu(self._layer(f"fc.{i}", [x, parts[config.rnn_layers + i]]))
        return x

    def _gru(self, name: str, inputs: Tensor) -> Tensor:
        """The states of a GRU after each step, given what its inputs add, [batch, time, 3 * hidden]."""
        hidden = self._config.rnn_channels
        recurrent, bias = (
            self._weights[f"{name}.recurrent"],
            self._weights[f"{name}.recurrent_bias"],
        )
        batch, time = tf.unstack(tf.shape(inputs)[:2])
        rows = tf.transpose(inputs, [1, 0, 2])

        def body(t: Tensor, states: Tensor, h: Tensor) -> Tensors:
            gates, candidate = tf.split(rows[t], [2 * hidden, hidden], -1)
            h = gru(gates, candidate, tf.nn.bias_add(h @ recurrent, bias), h)
            return t + 1, states.write(t, h), h

        states = tf.TensorArray(tf.float32, size=time, element_shape=[None, hidden])
        zeros = tf.zeros([batch, hidden])
        _, states, _ = tf.while_loop(
            lambda t, *_: t < time, body, (0, states, zeros), parallel_iterations=1
        )
        return tf.transpose(states.stack(), [1, 0, 2])

    def _layer(self, name: str, inputs: list[Tensor]) -> Tensor:
        """A layer over [batch, time, …], as one product."""
        kernel, bias = self._weights[f"{name}.kernel"], self._weights[f"{name}.bias"]
        x = tf.concat(inputs, -1)
        shape = tf.shape(x)
        flat = tf.nn.bias_add(tf.reshape(x, [-1, len(kernel)]) @ kernel, bias)
        return tf.reshape(flat, [shape[0], shape[1], len(bias)])
