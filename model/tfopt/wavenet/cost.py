"""What one sample of a WaveNet costs: parameters, operations and weight bytes.

One sample of one stream is a chain of products of a matrix and a vector: each weight is used once. The least
time that follows is in `tfopt.roofline`.

Fewer bytes are possible: the taps of a dilated convolution that read the past know their inputs `dilation`
steps ahead, and the conditioning of all steps is known. Their products can be made for a block of steps at a
time, and the weights are then read once a block instead of once a step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from tfopt import ops_benchmark
from tfopt.roofline import FLOAT, Work
from tfopt.wavenet.config import WavenetConfig

MODULES = ops_benchmark.WAVENET_MODULES
# Steps in a block for which products are made ahead.
BLOCK = 16


def modules(config: WavenetConfig, block: int = BLOCK) -> dict[str, Work]:
    """What each of `MODULES` needs for one sample.

    The last layer's residual product has no effect and is not counted, though its weights are stored. The
    speaker's projection is made once per stream and costs a sample nothing.

    Args:
        config: The model.
        block: The most steps for which products are made ahead.
    """
    parameters = _parameters(config)
    residual, gate, skip = config.residual_channels, config.gate_channels, config.skip_channels
    layers, past = len(config.dilations), config.kernel_size - 1
    rows = config.input_kernel_size * residual  # of the table, or the kernel of a scalar
    product = 2 * gate * residual  # weights of one tap
    # A block is cut where a dilation ends, so the past taps are read ceil(block / dilation) times for it.
    reads = sum(math.ceil(block / dilation) / block for dilation in config.dilations)
    local = layers * 2 * gate * config.local_channels
    end = skip * config.end_channels + config.end_channels * config.outputs
    biased = {name: int(name in config.biases) for name in ("input", "conv", "residual", "skip")}
    end_bias = ("end" in config.biases) * (config.end_channels + config.outputs)
    skip_bias = biased["skip"] * skip  # the sum over all layers is one vector

    def read(weights: int, ahead: float | None = None, extra: int = 0) -> Work:
        """`weights` of products, `extra` numbers that are only added; `ahead`: weights read then."""
        return Work(
            operations=2 * weights + extra,
            bytes=FLOAT * (weights + extra),
            bytes_ahead=FLOAT * ((weights if ahead is None else ahead) + extra),
        )

    works = {
        "input": read(rows, extra=biased["input"] * residual),
        "ahead": read(
            layers * past * product + local, ahead=reads * past * product + local / block
        ),
        "convolution": read(layers * product, extra=layers * biased["conv"] * 2 * gate),
        "gate": Work(operations=layers * gate, functions=layers * 2 * gate),
        "residual": read(
            (layers - 1) * gate * residual, extra=(layers - 1) * biased["residual"] * residual
        ),
        "skip": read(layers * gate * skip, extra=skip_bias),
        "end": read(end, extra=end_bias),
        "sampling": Work(functions=_drawing_functions(config)),
    }
    return {name: Work(parameters=parameters[name]) + works[name] for name in MODULES}


def total(config: WavenetConfig, block: int = BLOCK) -> Work:
    """What the whole step needs for one sample."""
    return sum(modules(config, block).values(), Work())


def footprint(config: WavenetConfig) -> int:
    """Bytes of the weights that generation reads again and again: they decide which cache serves them.

    Of a one-hot input's table these are only the rows of the last samples.
    """
    return int(total(config).bytes)


def _drawing_functions(config: WavenetConfig) -> int:
    """Exponentials, logarithms and the like that drawing one sample takes."""
    return {
        "categorical": config.classes,
        "logistic_mixture": config.mixtures + 3,
        "gaussian": 4,
    }[config.output]


def _parameters(config: WavenetConfig) -> Mapping[str, int]:
    """Numbers stored, by module."""
    module_of = {
        "input": "input",
        "local": "ahead",
        "global": "ahead",
        "upsample": "ahead",
        "residual": "residual",
        "skip": "skip",
        "end": "end",
    }
    counts = dict.fromkeys(MODULES, 0)
    for name, shape in config.shapes.items():
        parts, count = name.split("."), math.prod(shape)
        layer = parts[2] if parts[0] == "layers" else parts[0]
        if layer == "conv":
            newest = count // config.kernel_size if parts[3] == "kernel" else count
            counts["convolution"] += newest
            counts["ahead"] += count - newest
        else:
            counts[module_of[layer]] += count
    return counts
