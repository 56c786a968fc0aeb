"""Random weights at which a WaveNet behaves like a trained one: nothing fades, nothing saturates."""

from __future__ import annotations

import math

import numpy as np

from tfopt import random_layers
from tfopt.model_directory import Weights
from tfopt.wavenet.config import WavenetConfig

# E[(tanh(a) sigmoid(b))**2] for independent a, b of unit variance: 0.394 x 0.293.
_GATED_POWER = 0.12
_TYPICAL_AMPLITUDE = 0.3


def random_weights(config: WavenetConfig, seed: int) -> Weights:
    """Makes weights for profiles and tests.

    Every layer keeps the variance of what it reads (as He et al. 2015 do for ReLU), so that all layers
    matter and logits have a standard deviation of about 2. All biases are non-zero.

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
        else:
            values = random.normal(0, _deviation(config, name), shape)
        if name.startswith("end.1"):
            values = random_layers.output(config.output, values, bias=name.endswith("bias"))
        weights[name] = values.astype(np.float32)
    return weights


def _deviation(config: WavenetConfig, name: str) -> float:
    """The standard deviation of a kernel's values."""
    layers, gate = len(config.dilations), config.gate_channels
    if name == "input.kernel":
        amplitude = 1.0 if config.input == "one_hot" else _TYPICAL_AMPLITUDE
        return 1 / (amplitude * math.sqrt(config.input_kernel_size))
    if name.startswith("end"):
        # ReLU leaves half of the power.
        return math.sqrt(2 / (config.skip_channels if "0" in name else config.end_channels))
    return {
        "conv.kernel": 1 / math.sqrt(config.kernel_size * config.residual_channels),
        # Conditioning of unit variance shifts the activation, but does not rule it.
        "local.kernel": 0.5 / math.sqrt(max(config.local_channels, 1)),
        "global.kernel": 0.5 / math.sqrt(max(config.global_channels, 1)),
        # All layers together add as much as the first one was given.
        "residual.kernel": 1 / math.sqrt(layers * gate * _GATED_POWER),
        "skip.kernel": 1 / math.sqrt(layers * gate * _GATED_POWER),
        "embedding": 1.0,
    }[name.split(".", 2)[-1]]
