"""Drawing one sample from a WaveNet's outputs in NumPy, and judging samples that others drew.

All backends draw from equal outputs and equal random numbers, so they draw equal samples but where rounding
decides: where the random number stands next to the boundary between two classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt.wavenet.config import WavenetConfig

Array = NDArray[np.floating[Any]]

# Two float32 implementations may draw different samples when the draw is closer than this to the boundary
# between them, on a scale of 1: sums of some hundred products, each rounded to 6e-8.
NEAR_TIE = 1e-4
_LEAST_LOG_SCALE, _LARGEST_LOG_SCALE = -7.0, 80.0
_EDGE = 1e-5  # keeps the logistic distribution's quantiles finite


def draw(config: WavenetConfig, outputs: Array, uniforms: Array, temperature: float) -> float:
    """Draws a sample: a class number of a categorical output, else an amplitude in [-1, 1].

    Args:
        config: The model.
        outputs: What the network says, [config.outputs].
        uniforms: Random numbers in [0, 1), [config.uniforms].
        temperature: Divides the logits and multiplies the scales; 0 takes the most likely class, or the
            mean (of the most likely component).
    """
    if config.output == "categorical":
        return float(_choose(outputs, uniforms[0], temperature))
    component = 0
    if config.output == "logistic_mixture":
        component = _choose(outputs[: config.mixtures], uniforms[0], temperature)
    return _amplitude(config, outputs, component, uniforms, temperature)


def difference(
    config: WavenetConfig, outputs: Array, uniforms: Array, temperature: float, given: float
) -> float:
    """How far this draw is from giving the sample `given`; below `NEAR_TIE`, rounding can explain it.

    Returns:
        0 if `draw` gives this sample. For classes: how far the random number is from those that give
        `given`, or at temperature 0 how far the class's logit is from the largest, relative to the largest
        magnitude. For amplitudes: the distance from what is drawn; of a mixture's components, the one that
        makes this smallest, once both the distance from its amplitude and that of the random number
        from choosing it count. Infinity if `given` is no class.
    """
    if config.output == "categorical":
        if given not in range(config.classes):
            return float("inf")
        return _distance(outputs, uniforms[0], temperature, int(given))

    def amplitude_distance(component: int) -> float:
        return abs(_amplitude(config, outputs, component, uniforms, temperature) - given)

    if config.output == "gaussian":
        return amplitude_distance(0)
    logits = outputs[: config.mixtures]
    return min(
        max(_distance(logits, uniforms[0], temperature, component), amplitude_distance(component))
        for component in range(config.mixtures)
    )


def _choose(logits: Array, uniform: np.floating[Any], temperature: float) -> int:
    """The class drawn by inverse CDF in class order; the first of the most likely at temperature 0."""
    if temperature == 0:
        return int(logits.argmax())
    cumulative = _cumulative(logits, temperature)
    return int((cumulative > uniform * cumulative[-1]).argmax())


def _distance(logits: Array, uniform: np.floating[Any], temperature: float, given: int) -> float:
    """How far `_choose` is from choosing `given`, on a scale of 1."""
    chosen = _choose(logits, uniform, temperature)
    if given == chosen:
        return 0.0
    if temperature == 0:
        return float((logits[chosen] - logits[given]) / np.abs(logits).max())
    cumulative = _cumulative(logits, temperature)
    boundary = cumulative[given] if given < chosen else cumulative[given - 1]
    return float(abs(boundary / cumulative[-1] - uniform))


def _cumulative(logits: Array, temperature: float) -> Array:
    scaled = (logits - logits.max()) / logits.dtype.type(temperature)
    total: Array = np.cumsum(np.exp(scaled), dtype=logits.dtype)
    return total


def _amplitude(
    config: WavenetConfig, outputs: Array, component: int, uniforms: Array, temperature: float
) -> float:
    """The amplitude that one component gives."""
    if config.output == "logistic_mixture":
        _, means, log_scales = np.split(outputs, 3)
        v = np.clip(uniforms[1], _EDGE, 1 - _EDGE)
        noise = np.log(v) - np.log(1 - v)
    else:
        means, log_scales = np.split(outputs, 2)
        angle = 2 * np.pi * uniforms[1]  # Box and Muller 1958
        noise = np.sqrt(-2 * np.log(1 - uniforms[0])) * np.cos(angle)
    scale = np.exp(np.clip(log_scales[component], _LEAST_LOG_SCALE, _LARGEST_LOG_SCALE))
    return float(np.clip(means[component] + temperature * scale * noise, -1, 1))
