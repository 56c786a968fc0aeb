"""Draws samples from what a network says, as part of a TensorFlow graph: inverse CDF, in class order.

The random numbers are an input, so that equal numbers give equal samples wherever the graph runs. All
functions also run inside loops and under XLA; a temperature is a tensor, so that a new one compiles nothing
anew.
"""

from __future__ import annotations

import math

import tensorflow as tf

from tfopt.tensors import Tensor

# An exponent of a log scale below this one is as good as zero, and its gradient was cut off in training
# (Salimans et al. 2017, PixelCNN++); some models are trained with less.
LEAST_LOG_SCALE = -7.0
_LARGEST_LOG_SCALE = 80.0
# Keeps the logistic's inverse CDF, log(v / (1 - v)), within ±11.5.
LEAST_QUANTILE = 1e-5


def draw(
    output: str,
    parameters: Tensor,
    uniforms: Tensor,
    temperature: Tensor,
    least_log_scale: float = LEAST_LOG_SCALE,
) -> Tensor:
    """Draws one sample a row.

    Args:
        output: The kind of distribution: `"categorical"`, `"logistic_mixture"` or `"gaussian"`.
        parameters: What the network says, float32 [batch, outputs]. Categorical: logits. Mixture of
            logistics: the logits of the components, their means, their log scales. Gaussian: mean, log
            scale.
        uniforms: float32 in [0, 1), [batch, 1] if categorical, else [batch, 2].
        temperature: float32 [], at least 0. 0 takes the most likely class (the lowest of equals), or the mean
            of the most likely component.
        least_log_scale: Log scales below this one count as this one.

    Returns:
        float32 [batch]: the number of a class, or an amplitude in [-1, 1].
    """
    if output == "categorical":
        return tf.cast(categorical(parameters, uniforms[:, 0], temperature), tf.float32)
    if output == "logistic_mixture":
        return logistic_mixture(parameters, uniforms, temperature, least_log_scale)
    return gaussian(parameters, uniforms, temperature, least_log_scale)


def categorical(logits: Tensor, uniforms: Tensor, temperature: Tensor) -> Tensor:
    """Draws a class, int32 [batch], with probabilities softmax(logits / temperature).

    The class is the first whose cumulative probability is above the uniform number, float32 [batch].
    """

    def sampled() -> Tensor:
        relative = (logits - tf.reduce_max(logits, -1, keepdims=True)) / temperature
        cumulative = tf.cumsum(tf.exp(relative), -1)  # [batch, classes]
        threshold = uniforms[:, tf.newaxis] * cumulative[:, -1:]
        return tf.reduce_sum(tf.cast(cumulative <= threshold, tf.int32), -1)

    # Exponentials and sums cost a small model a tenth of its speed: not where only the largest is wanted.
    return tf.cond(temperature > 0, sampled, lambda: tf.argmax(logits, -1, tf.int32))


def logistic_mixture(
    parameters: Tensor,
    uniforms: Tensor,
    temperature: Tensor,
    least_log_scale: float = LEAST_LOG_SCALE,
) -> Tensor:
    """Draws an amplitude, float32 [batch], of a mixture of logistic distributions."""
    logits, means, log_scales = tf.split(parameters, 3, -1)  # each [batch, mixtures]
    component = categorical(logits, uniforms[:, 0], temperature)
    mean = tf.gather(means, component, batch_dims=1)
    log_scale = tf.gather(log_scales, component, batch_dims=1)
    v = tf.clip_by_value(uniforms[:, 1], LEAST_QUANTILE, 1 - LEAST_QUANTILE)
    noise = tf.math.log(v) - tf.math.log(1 - v)
    return _spread(mean, log_scale, noise, temperature, least_log_scale)


def gaussian(
    parameters: Tensor,
    uniforms: Tensor,
    temperature: Tensor,
    least_log_scale: float = LEAST_LOG_SCALE,
) -> Tensor:
    """Draws an amplitude, float32 [batch], of a normal distribution (Box and Muller 1958)."""
    radius = tf.sqrt(-2 * tf.math.log(1 - uniforms[:, 0]))
    normal = radius * tf.cos(2 * math.pi * uniforms[:, 1])
    return _spread(parameters[:, 0], parameters[:, 1], normal, temperature, least_log_scale)


def _spread(
    mean: Tensor, log_scale: Tensor, noise: Tensor, temperature: Tensor, least_log_scale: float
) -> Tensor:
    scale = tf.exp(tf.clip_by_value(log_scale, least_log_scale, _LARGEST_LOG_SCALE))
    return tf.clip_by_value(mean + temperature * scale * noise, -1.0, 1.0)
