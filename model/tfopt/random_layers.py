"""Random weights of layers that several networks have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

# Standard deviations of what a network says: logits of a few units, so that some hundred classes share
# the probability unevenly; amplitudes and log scales that stay clear of the limits -1, 1 and -7.
_LOGIT, _MEAN, _LOG_SCALE = 2.0, 0.3, 0.5
_TYPICAL_LOG_SCALE = -3.0


def bias(random: np.random.Generator, shape: tuple[int, ...]) -> Values:
    """Biases of about 0.1, none of them zero."""
    values: Values = random.uniform(0.05, 0.15, shape) * random.choice((-1.0, 1.0), shape)
    return values


def smoothing(random: np.random.Generator, shape: tuple[int, ...]) -> Values:
    """A kernel that smooths over time, [taps]: a moving average, but not a symmetric one.

    As a moving average upsampling networks start their training.
    """
    return random.uniform(0.5, 1.5, shape) / shape[0]


def output(kind: str, values: Values, *, bias: bool) -> Values:
    """Gives the outputs of the last layer the scale of what they stand for.

    Args:
        kind: The distribution: `"categorical"`, `"logistic_mixture"` or `"gaussian"`.
        values: [..., outputs], at which every output has a variance of 1.
        bias: Whether they are the layer's bias, not its kernel.
    """
    outputs = values.shape[-1]
    counts = {  # logits, means, log scales
        "categorical": (outputs, 0, 0),
        "logistic_mixture": (outputs // 3,) * 3,
        "gaussian": (0, 1, 1),
    }[kind]
    scaled: Values = values * np.repeat((_LOGIT, _MEAN, _LOG_SCALE), counts)
    if bias:
        scaled += np.repeat((0.0, 0.0, _TYPICAL_LOG_SCALE), counts)
    return scaled
