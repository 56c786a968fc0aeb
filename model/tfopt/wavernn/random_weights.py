"""Random weights at which a WaveRNN behaves like a trained one: nothing fades, nothing saturates."""

from __future__ import annotations

import math

import numpy as np

from tfopt import random_layers
from tfopt.model_directory import Weights
from tfopt.wavernn.config import WavernnConfig

# The input layer's output, of unit variance, is so much the sample's, the mel spectrogram's and aux's.
_SHARES = (0.5, 0.25, 0.25)
_TYPICAL_AMPLITUDE = (
    0.5  # of what is fed back: at random weights classes are drawn from all over the range
)


def random_weights(config: WavernnConfig, seed: int) -> Weights:
    """Makes weights for profiles and tests.

    Given a mel spectrogram of unit variance, every layer keeps the variance of what it reads (as He et al.
    2015 do for ReLU), so that all layers matter and logits have a standard deviation of about 2. All biases
    are non-zero.

    Args:
        config: The model to make them for.
        seed: Equal seeds give equal weights; a non-negative integer.

    Returns:
        A float32 tensor for every name in `config.shapes`.
    """
    random = np.random.default_rng(seed)
    weights: Weights = {}
    for name, shape in config.shapes.items():
        if name.endswith("bias"):
            values = random_layers.bias(random, shape)
        elif name.startswith("upsample"):
            values = random_layers.smoothing(random, shape)
        elif name == "input.kernel":
            inputs = (config.fed_back, config.mel_channels, config.aux_channels)
            deviations = np.sqrt(np.divide(_SHARES, inputs))
            deviations[0] /= _TYPICAL_AMPLITUDE
            values = random.normal(0, 1, shape) * np.repeat(deviations, inputs)[:, np.newaxis]
        else:
            values = random.normal(0, _deviation(config, name, math.prod(shape[:-1])), shape)
        if name.startswith(("output", "fine.output")):
            kind = "categorical" if config.output == "split" else config.output
            values = random_layers.output(kind, values, bias=name.endswith("bias"))
        weights[name] = values.astype(np.float32)
    return weights


def _deviation(config: WavernnConfig, name: str, inputs: int) -> float:
    """The standard deviation of a kernel's values, of which `inputs` make a sum."""
    # A ReLU behind a layer leaves half of its power, so it gets twice as much.
    rectified = name.startswith(("fc", "fine.kernel", "resnet.input")) or name.endswith("0.kernel")
    power = 2.0 if rectified else 1.0
    if name.startswith("resnet.blocks") and not rectified:
        power = 1 / config.resnet_blocks  # together they add as much as the input layer gave
    return math.sqrt(power / inputs)
