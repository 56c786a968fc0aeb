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
from dataclasses import replace

from tfopt import ops_benchmark
from tfopt.roofline import FLOAT, Work
from tfopt.stored_weights import FLOAT32, StoredWeights
from tfopt.wavenet.config import WavenetConfig

MODULES = ops_benchmark.WAVENET_MODULES
# Steps in a block for which products are made ahead.
BLOCK = 16


def modules(
    config: WavenetConfig, block: int = BLOCK, stored: StoredWeights = FLOAT32
) -> dict[str, Work]:
    """What each of `MODULES` needs for one sample.

    The last layer's residual product has no effect and is not counted, though its weights are stored. The
    speaker's projection is made once per stream and costs a sample nothing.

    Args:
        config: The model.
        block: The most steps for which products are made ahead.
        stored: The bytes of its weights.
    """
    parameters = _parameters(config)
    residual, gate, skip = config.residual_channels, config.gate_channels, config.skip_channels
    layers, past = len(config.dilations), config.kernel_size - 1
    rows = config.input_kernel_size * residual  # of the table, or the kernel of a scalar
    product = 2 * gate * residual  # weights of one tap
    biased = {name: int(name in config.biases) for name in ("input", "conv", "residual", "skip")}
    end_bias = ("end" in config.biases) * (config.end_channels + config.outputs)
    skip_bias = biased["skip"] * skip  # the sum over all layers is one vector

    def kernel(name: str, weights: int, place: int = 0) -> Work:
        """A product of a layer; `place`: of its matrix in the tensor."""
        read = stored.of(name, place) * weights
        return Work(operations=2 * weights, bytes=read, bytes_ahead=read)

    def kernels(part: str, weights: int, place: int = 0, count: int = layers) -> Work:
        """The same product of each of the first layers."""
        parts = (kernel(f"layers.{i}.{part}.kernel", weights, place) for i in range(count))
        return sum(parts, Work())

    def sums(numbers: int) -> Work:
        """Numbers that are only added."""
        read = FLOAT * numbers
        return Work(operations=numbers, bytes=read, bytes_ahead=read)

    def ahead() -> Work:
        """Past taps of the convolutions, and conditioning."""
        found = Work()
        for i, dilation in enumerate(config.dilations):
            # A block is cut where a dilation ends, so it reads these so often.
            reads = math.ceil(block / dilation)
            for tap in range(past):
                work = kernel(f"layers.{i}.conv.kernel", product, tap)
                found += replace(work, bytes_ahead=work.bytes * reads / block)
        local = kernels("local", 2 * gate * config.local_channels)
        return found + replace(local, bytes_ahead=local.bytes / block)

    end = kernel("end.0.kernel", skip * config.end_channels)
    end += kernel("end.1.kernel", config.end_channels * config.outputs)
    works = {
        "input": replace(sums(rows), operations=2 * rows) + sums(biased["input"] * residual),
        "ahead": ahead(),
        "convolution": kernels("conv", product, past) + sums(layers * biased["conv"] * 2 * gate),
        "gate": Work(operations=layers * gate, functions=layers * 2 * gate),
        "residual": kernels("residual", gate * residual, count=layers - 1)
        + sums((layers - 1) * biased["residual"] * residual),
        "skip": kernels("skip", gate * skip) + sums(skip_bias),
        "end": end + sums(end_bias),
        "sampling": Work(functions=_drawing_functions(config)),
    }
    return {name: Work(parameters=parameters[name]) + works[name] for name in MODULES}


def total(config: WavenetConfig, block: int = BLOCK, stored: StoredWeights = FLOAT32) -> Work:
    """What the whole step needs for one sample.

    `bytes` is the footprint: what generation reads again and again, which decides which cache serves it. Of a
    one-hot input's table these are only the rows of the last samples.
    """
    return sum(modules(config, block, stored).values(), Work())


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
