"""A WaveNet's weights as its step uses them: what can be multiplied or added beforehand, is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfopt import mu_law
from tfopt.model_directory import Weights
from tfopt.wavenet.config import WavenetConfig

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes:
        past: For each tap but the last, the oldest first: [residual_channels, 2 * gate_channels].
        current: The last tap, [residual_channels, 2 * gate_channels].
        bias: [2 * gate_channels], the conditioning's place where there is none.
        output: Residual and skip kernel side by side, [gate_channels, residual_channels + skip_channels]; of
            the last layer, whose residual has no effect, the skip kernel alone.
        residual_bias: [residual_channels].
    """

    past: list[Array]
    current: Array
    bias: Array
    output: Array
    residual_bias: Array


@dataclass(frozen=True)
class Folded:
    """All layers.

    Attributes:
        input: What a sample adds to the first layer's input and, through that layer's current tap, to its
            activation: [taps, rows, residual_channels + 2 * gate_channels]. Rows stand for classes, with a
            row of zeros in front for what was never fed; an amplitude is multiplied by the only row.
        input_bias: What is added to the sum of these; of classes it is in the last tap's rows already.
        layers: The layers; the first one's `current` is in `input` already.
        conditioning: All layers' local kernels side by side, [local_channels, layers * 2 * gate_channels].
        speaker: All layers' global kernels, [global_channels, layers * 2 * gate_channels].
        bias: All layers' convolution biases, [layers * 2 * gate_channels].
        skip_bias: Their sum over the layers, [skip_channels].
        end: Kernel and bias of the two last layers.
    """

    input: Array
    input_bias: Array
    layers: list[Layer]
    conditioning: Array
    speaker: Array
    bias: Array
    skip_bias: Array
    end: list[tuple[Array, Array]]


def fold(config: WavenetConfig, weights: Weights) -> Folded:
    """Folds the weights of a config."""
    last = len(config.dilations) - 1
    gated = 2 * config.gate_channels

    def bias(name: str, width: int) -> Array:
        return weights.get(f"{name}.bias", np.zeros(width, np.float32))

    def side_by_side(name: str, width: int) -> Array:
        kernels = [weights.get(f"layers.{i}.{name}.kernel") for i in range(last + 1)]
        present = [kernel for kernel in kernels if kernel is not None]
        return np.concatenate(present, -1) if present else np.zeros((width, 0), np.float32)

    layers = []
    for i in range(last + 1):
        *past, current = weights[f"layers.{i}.conv.kernel"]
        outputs = [weights[f"layers.{i}.{name}.kernel"] for name in ("residual", "skip")]
        layers.append(
            Layer(
                past=past,
                current=current,
                bias=bias(f"layers.{i}.conv", gated),
                output=np.concatenate(outputs, -1) if i < last else outputs[1],
                residual_bias=bias(f"layers.{i}.residual", config.residual_channels),
            )
        )
    skips = [bias(f"layers.{i}.skip", config.skip_channels) for i in range(last + 1)]
    first = _behind(_rows(config, weights["input.kernel"]), layers[0].current)
    first_bias = _behind(bias("input", config.residual_channels), layers[0].current)
    if reads_classes(config):
        first[-1] += first_bias  # the last tap always reads a sample
    return Folded(
        input=first,
        input_bias=first_bias,
        layers=layers,
        conditioning=side_by_side("local", config.local_channels),
        speaker=side_by_side("global", config.global_channels),
        bias=np.concatenate([layer.bias for layer in layers]),
        skip_bias=np.sum(skips, axis=0, dtype=np.float32),
        end=[
            (weights[f"end.{i}.kernel"], bias(f"end.{i}", width))
            for i, width in enumerate((config.end_channels, config.outputs))
        ],
    )


def reads_classes(config: WavenetConfig) -> bool:
    """Whether a sample picks a row of the folded input: one-hot vectors, and amplitudes of classes."""
    return config.output == "categorical"


def _rows(config: WavenetConfig, kernel: Array) -> Array:
    """The input kernel with a row for each class, a row of zeros first; or the row of an amplitude."""
    if not reads_classes(config):
        return kernel
    if config.input == "scalar":
        kernel = mu_law.decode(range(config.classes), config.classes)[:, np.newaxis] * kernel
    return np.pad(kernel, [(0, 0), (1, 0), (0, 0)])


def _behind(x: Array, kernel: Array) -> Array:
    """X with what it becomes behind a kernel at its side."""
    return np.concatenate([x, x @ kernel], -1)
