"""The whole WaveNet in parallel over time, from the zero state, as TensorFlow functions.

For teacher forcing and for the `naive` rung; generating with it costs the whole receptive field a sample.
"""

from __future__ import annotations

import tensorflow as tf

from tfopt import mu_law
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.wavenet.config import WavenetConfig


class Network:
    """A WaveNet (van den Oord et al. 2016) as dilated causal convolutions over whole signals.

    Every layer's input is padded with zeros in front, so that row t of the result is the output of the
    step-by-step network after `samples[:, : t + 1]` were fed from the zero state.
    """

    def __init__(self, config: WavenetConfig, weights: Weights) -> None:
        self._config = config
        self._weights = weights

    def logits(self, samples: Tensor, conditioning: Tensor, speaker: Tensor) -> Tensor:
        """Outputs after each sample.

        Args:
            samples: float32 [batch, time], class numbers or amplitudes.
            conditioning: float32 [batch, time, local_channels].
            speaker: The speaker's embedding, float32 [batch, global_channels].

        Returns:
            float32 [batch, time, outputs].
        """
        return self._outputs(samples, conditioning, speaker, slice(None))

    def last_logits(self, samples: Tensor, conditioning: Tensor, speaker: Tensor) -> Tensor:
        """Outputs after the last sample alone, float32 [batch, outputs]; arguments as of `logits`."""
        return self._outputs(samples, conditioning, speaker, slice(-1, None))[:, 0]

    def _outputs(
        self, samples: Tensor, conditioning: Tensor, speaker: Tensor, kept: slice
    ) -> Tensor:
        gate = self._config.gate_channels
        x = self._input(samples)  # [batch, time, residual_channels]
        skip = 0.0
        for i, dilation in enumerate(self._config.dilations):
            layer = f"layers.{i}"
            c = _causal_convolution(x, self._weights[f"{layer}.conv.kernel"], dilation)
            c = self._biased(c, f"{layer}.conv")
            if self._config.local_channels:
                c += _dense(conditioning, self._weights[f"{layer}.local.kernel"])
            if self._config.global_channels:
                c += (speaker @ self._weights[f"{layer}.global.kernel"])[:, tf.newaxis]
            z = tf.tanh(c[..., :gate]) * tf.sigmoid(c[..., gate:])
            skip += self._layer(z[:, kept], f"{layer}.skip")
            x += self._layer(z, f"{layer}.residual")
        return self._layer(tf.nn.relu(self._layer(tf.nn.relu(skip), "end.0")), "end.1")

    def _input(self, samples: Tensor) -> Tensor:
        """The initial causal convolution."""
        kernel = self._weights["input.kernel"]  # [taps, classes or 1, residual_channels]
        if self._config.input == "one_hot":
            samples = tf.one_hot(tf.cast(samples, tf.int32), self._config.classes)
        elif self._config.output == "categorical":
            table = mu_law.decode(range(self._config.classes), self._config.classes)
            samples = tf.gather(table, tf.cast(samples, tf.int32))[..., tf.newaxis]
        else:
            samples = samples[..., tf.newaxis]
        return self._biased(_causal_convolution(samples, kernel, 1), "input")

    def _layer(self, x: Tensor, name: str) -> Tensor:
        return self._biased(_dense(x, self._weights[f"{name}.kernel"]), name)

    def _biased(self, x: Tensor, name: str) -> Tensor:
        bias = self._weights.get(f"{name}.bias")
        return x if bias is None else x + bias


def _causal_convolution(x: Tensor, kernel: Tensor, dilation: int) -> Tensor:
    """Convolves [batch, time, in] with [taps, in, out]; the last tap reads the current step."""
    time, taps = tf.shape(x)[1], len(kernel)
    padded = tf.pad(x, [[0, 0], [(taps - 1) * dilation, 0], [0, 0]])
    seen = [padded[:, k * dilation : k * dilation + time] for k in range(taps)]
    return _dense(tf.concat(seen, -1), kernel.reshape(-1, kernel.shape[-1]))


def _dense(x: Tensor, kernel: Tensor) -> Tensor:
    """[batch, time, in] times [in, out], as one product: a batched one is spread over threads."""
    shape = tf.shape(x)
    flat = tf.reshape(x, [-1, x.shape[-1]]) @ kernel
    return tf.reshape(flat, [shape[0], shape[1], kernel.shape[-1]])
