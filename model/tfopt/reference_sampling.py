"""Drawing one sample from a network's outputs in NumPy, and judging samples that others drew.

All backends draw from equal outputs and equal random numbers, so they draw equal samples but where rounding
decides: where the random number stands next to the boundary between two classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

# Two float32 implementations may draw different samples when the draw is closer than this to the boundary
# between them, on a scale of 1: sums of some hundred products, each rounded to 6e-8.
NEAR_TIE = 1e-4
LEAST_LOG_SCALE = -7.0  # Salimans et al. 2017 (PixelCNN++); some models are trained with less
_LARGEST_LOG_SCALE = 80.0
_EDGE = 1e-5  # keeps the logistic distribution's quantiles finite


def draw(
    output: str,
    parameters: Array,
    uniforms: Array,
    temperature: float,
    least_log_scale: float = LEAST_LOG_SCALE,
) -> float:
    """Draws a sample: a class number of a categorical output, else an amplitude in [-1, 1].

    Args:
        output: The kind of distribution: `"categorical"`, `"logistic_mixture"` or `"gaussian"`.
        parameters: What the network says, [outputs]. Categorical: logits. Mixture of logistics: the logits
            of the components, their means, their log scales. Gaussian: mean, log scale.
        uniforms: Random numbers in [0, 1), [1] if categorical, else [2].
        temperature: Divides the logits and multiplies the scales; 0 takes the most likely class, or the
            mean (of the most likely component).
        least_log_scale: Log scales below this one count as this one.
    """
    if output == "categorical":
        return float(_choose(parameters, uniforms[0], temperature))
    component = 0
    if output == "logistic_mixture":
        component = _choose(np.split(parameters, 3)[0], uniforms[0], temperature)
    scales = (temperature, least_log_scale)
    return _amplitude(output, parameters, component, uniforms, *scales)


def difference(
    output: str,
    parameters: Array,
    uniforms: Array,
    temperature: float,
    given: float,
    least_log_scale: float = LEAST_LOG_SCALE,
) -> float:
    """How far this draw is from giving the sample `given`; below `NEAR_TIE`, rounding can explain it.

    The other arguments are those of `draw`.

    Returns:
        0 if `draw` gives this sample. For classes: how far the random number is from those that give
        `given`, or at temperature 0 how far the class's logit is from the largest, relative to the largest
        magnitude. For amplitudes: the distance from what is drawn; of a mixture's components, the one that
        makes this smallest, once both the distance from its amplitude and that of the random number
        from choosing it count. Infinity if `given` is no class.
    """
    if output == "categorical":
        if given not in range(len(parameters)):
            return float("inf")
        return _distance(parameters, uniforms[0], temperature, int(given))

    def amplitude_distance(component: int) -> float:
        scales = (temperature, least_log_scale)
        return abs(_amplitude(output, parameters, component, uniforms, *scales) - given)

    if output == "gaussian":
        return amplitude_distance(0)
    logits = np.split(parameters, 3)[0]
    return min(
        max(_distance(logits, uniforms[0], temperature, component), amplitude_distance(component))
        for component in range(len(logits))
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
    output: str,
    parameters: Array,
    component: int,
    uniforms: Array,
    temperature: float,
    least_log_scale: float,
) -> float:
    """The amplitude that one component gives."""
    if output == "logistic_mixture":
        _, means, log_scales = np.split(parameters, 3)
        v = np.clip(uniforms[1], _EDGE, 1 - _EDGE)
        noise = np.log(v) - np.log(1 - v)
    else:
        means, log_scales = np.split(parameters, 2)
        angle = 2 * np.pi * uniforms[1]  # Box and Muller 1958
        noise = np.sqrt(-2 * np.log(1 - uniforms[0])) * np.cos(angle)
    scale = np.exp(np.clip(log_scales[component], least_log_scale, _LARGEST_LOG_SCALE))
    return float(np.clip(means[component] + temperature * scale * noise, -1, 1))
