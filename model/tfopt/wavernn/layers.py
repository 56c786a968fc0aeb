"""The layers that a step goes through, up to the last fully connected one: with and without hoisting."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tfopt.model_directory import Weights
from tfopt.tensors import Tensor, Tensors
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.folded import fold
from tfopt.wavernn.gru import gru


class Hoisted:
    """Layers of whose inputs only what is fed and the GRUs' states are left to the step."""

    def __init__(self, config: WavernnConfig, weights: Weights) -> None:
        self._config = config
        self._folded = fold(config, weights)
        self._widths = [len(bias) for bias in self._folded.biases]

    def frames(self, aux: Tensor) -> Tensor:
        """What the aux of each frame, [frames, batch, aux_parts * aux_channels], adds; biases included.

        Returns:
            float32 [frames, batch, …], a part for each layer that reads a part of aux.
        """
        folded, config = self._folded, self._config
        parts = tf.split(tf.reshape(aux, [-1, aux.shape[-1]]), config.aux_parts, -1)
        added = [part @ kernel for part, kernel in zip(parts, folded.aux, strict=True)]
        rows = tf.nn.bias_add(tf.concat(added, -1), np.concatenate(folded.biases))
        shape = tf.shape(aux)
        return tf.reshape(rows, [shape[0], shape[1], sum(self._widths)])

    def rows(self, mels: Tensor, frames: Tensor) -> Tensor:
        """What each step's mel bands, [BLOCK, batch, mel_channels], and frame add.

        Blocks have their places in time, so that however the audio is cut into calls, a step's product is
        the same row of a product of the same size, and the same to the last bit.
        """
        first, others = tf.split(frames, [self._widths[0], sum(self._widths[1:])], -1)
        product = tf.reshape(mels, [-1, self._config.mel_channels]) @ self._folded.mel
        return tf.concat([first + tf.reshape(product, tf.shape(first)), others], -1)

    def __call__(self, fed: Tensor, row: Tensor, state: Tensors) -> tuple[Tensor, Tensors]:
        """A step, given its row."""
        folded, hidden = self._folded, self._config.rnn_channels
        first, *added = tf.split(row, self._widths, -1)
        # A product with one number a row is a plain multiplication.
        first += fed * folded.fed if len(folded.fed) == 1 else fed @ folded.fed
        x, gates, candidate = tf.split(first, [hidden, 2 * hidden, hidden], -1)
        after = []
        for layer, h in zip(folded.grus, state, strict=True):
            if layer.kernel is not None:
                inputs = x @ layer.kernel + added.pop(0)
                gates, candidate = tf.split(inputs, [2 * hidden, hidden], -1)
            recurrent = tf.nn.bias_add(h @ layer.recurrent, layer.candidate_bias)
            after.append(gru(gates, candidate, recurrent, h))
            x += after[-1]
        for kernel, addend in zip(folded.fc, added, strict=True):
            x = tf.nn.relu(x @ kernel + addend)
        return x, tuple(after)


class Unhoisted:
    """Layers that read all of their inputs in each step, one behind the other, as fatchord/WaveRNN does."""

    def __init__(self, config: WavernnConfig, weights: Weights) -> None:
        self._config = config
        self._weights = weights

    def frames(self, aux: Tensor) -> Tensor:
        """Aux itself."""
        return aux

    def rows(self, mels: Tensor, frames: Tensor) -> Tensor:
        """Mel bands and aux."""
        return tf.concat([mels, frames], -1)

    def __call__(self, fed: Tensor, row: Tensor, state: Tensors) -> tuple[Tensor, Tensors]:
        """A step, given its row."""
        config, weights, hidden = self._config, self._weights, self._config.rnn_channels
        widths = [config.mel_channels, *[config.aux_channels] * config.aux_parts]
        mel, aux, *auxes = tf.split(row, widths, -1)
        x = self._dense("input", [fed, mel, aux])
        after = []
        for i, h in enumerate(state):
            inputs = self._dense(f"rnn.{i}", [x, auxes.pop(0)] if i else [x])
            gates, candidate = tf.split(inputs, [2 * hidden, hidden], -1)
            recurrent = h @ weights[f"rnn.{i}.recurrent"]
            recurrent = tf.nn.bias_add(recurrent, weights[f"rnn.{i}.recurrent_bias"])
            after.append(gru(gates, candidate, recurrent, h))
            x += after[-1]
        for i, aux in enumerate(auxes):
            x = tf.nn.relu(self._dense(f"fc.{i}", [x, aux]))
        return x, tuple(after)

    def _dense(self, name: str, inputs: list[Tensor]) -> Tensor:
        product = tf.concat(inputs, -1) @ self._weights[f"{name}.kernel"]
        return tf.nn.bias_add(product, self._weights[f"{name}.bias"])
