"""What follows a WaveRNN's last fully connected layer, as TensorFlow functions: the outputs, and a draw."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tfopt import sampling
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.wavernn.config import LEAST_LOG_SCALE, WavernnConfig
from tfopt.wavernn.samples import feedback


class Head:
    """The output layers.

    Of a split output the fine layer reads `hidden`, as the output layer does, and the coarse class: what
    both make of `hidden` is one product.
    """

    def __init__(self, config: WavernnConfig, weights: Weights) -> None:
        self._config = config
        self._kernel, self._bias = weights["output.kernel"], weights["output.bias"]
        if config.output == "split":
            kernel = weights["fine.kernel"]  # [fc_channels + 1, fc_channels]
            self._kernel = np.concatenate([self._kernel, kernel[:-1]], -1)
            self._bias = np.concatenate([self._bias, weights["fine.bias"]])
            self._coarse = kernel[-1:]
            self._fine = weights["fine.output.kernel"], weights["fine.output.bias"]
            # What each class is when fed, [classes, 1].
            self._fed_coarse = feedback(
                config, np.arange(1 << config.coarse_bits) << config.fine_bits
            )[:, :1]
            self._fed_fine = feedback(config, np.arange(1 << config.fine_bits))[:, 1:]
        elif config.classes:
            self._fed = feedback(config, np.arange(config.classes))

    def draw(self, hidden: Tensor, uniforms: Tensor, temperature: Tensor) -> tuple[Tensor, Tensor]:
        """Draws a sample.

        Args:
            hidden: What the last fully connected layer says, float32 [batch, fc_channels].
            uniforms: float32 [batch, config.uniforms].
            temperature: float32 [].

        Returns:
            The sample, float32 [batch]: a class (split: coarse * 2 ** fine_bits + fine) or an amplitude; and
            what it is when fed, float32 [batch, config.fed_back].
        """
        config = self._config
        if config.output == "split":
            outputs, share = self._first(hidden)
            coarse = sampling.categorical(outputs, uniforms[:, 0], temperature)
            fed = tf.gather(self._fed_coarse, coarse)
            fine = sampling.categorical(self._second(share, fed), uniforms[:, 1], temperature)
            sample = tf.cast(coarse * (1 << config.fine_bits) + fine, tf.float32)
            return sample, tf.concat([fed, tf.gather(self._fed_fine, fine)], -1)
        outputs = _dense(hidden, self._kernel, self._bias)
        if config.output == "categorical":
            chosen = sampling.categorical(outputs, uniforms[:, 0], temperature)
            return tf.cast(chosen, tf.float32), tf.gather(self._fed, chosen)
        sample = sampling.draw(config.output, outputs, uniforms, temperature, LEAST_LOG_SCALE)
        return sample, sample[:, tf.newaxis]

    def outputs(self, hidden: Tensor, coarse: Tensor) -> Tensor:
        """What the network says, float32 [batch, config.outputs].

        Args:
            hidden: As of `draw`.
            coarse: Of a split output the coarse class that the fine logits are of, as it is fed, float32
                [batch, 1]; else [batch, 0].
        """
        if self._config.output != "split":
            return _dense(hidden, self._kernel, self._bias)
        outputs, share = self._first(hidden)
        return tf.concat([outputs, self._second(share, coarse)], -1)

    def _first(self, hidden: Tensor) -> list[Tensor]:
        """The coarse logits, and what `hidden` adds to the fine layer."""
        widths = [1 << self._config.coarse_bits, self._config.fc_channels]
        parts: list[Tensor] = tf.split(_dense(hidden, self._kernel, self._bias), widths, -1)
        return parts

    def _second(self, share: Tensor, coarse: Tensor) -> Tensor:
        """The fine logits."""
        return _dense(tf.nn.relu(share + coarse * self._coarse), *self._fine)


def _dense(x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    # Unlike a broadcasting sum, `bias_add` becomes a part of the product.
    return tf.nn.bias_add(x @ kernel, bias)
