"""Fake quantization: what 8-bit integers round away, inside a network that is trained in floats.

The integers are those of the engine's `int8` (custom_ops/engine/packing/convert_matrix.cc): a scale for each
output of a matrix, so that its largest weight is 127, and one for each vector of inputs, so that its largest
number is 127. Gradients pass through rounding as if it were not there (Jacob et al. 2018, "Quantization and
Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras import ops

Tensor = Any
LARGEST = 127
_SCALE_BITS = 17  # the engine's scales of weights have so many significant bits


@dataclass(frozen=True)
class Rounding:
    """What becomes of the two sides of a product before they are multiplied.

    Attributes:
        weights: Takes and returns a matrix [inputs, outputs], as the engine stores it: where a tensor is
            several matrices of the engine's, each goes through by itself.
        inputs: Takes and returns vectors [..., inputs].
    """

    weights: Callable[[Tensor], Tensor]
    inputs: Callable[[Tensor], Tensor]


def _same(x: Tensor) -> Tensor:
    return x


def weight_scales(kernel: Tensor) -> Tensor:
    """What 1 of the integers is for each output of a matrix [inputs, outputs]: [1, outputs]."""
    scales = ops.max(ops.abs(kernel), 0, keepdims=True) / LARGEST
    positive = ops.where(scales > 0, scales, 1.0)
    unit = 2.0 ** (ops.floor(ops.log2(positive)) + (1 - _SCALE_BITS))
    return ops.where(scales > 0, ops.ceil(positive / unit) * unit, 0.0)


def fake_quantized_weights(kernel: Tensor) -> Tensor:
    """A matrix [inputs, outputs] of float32, rounded to integers times a scale for each output."""
    scales = weight_scales(ops.stop_gradient(kernel))
    return _rounded(kernel, scales)


def fake_quantized_inputs(x: Tensor) -> Tensor:
    """Vectors [..., inputs], each rounded to integers times a scale of its own, in the type they have."""
    exact = ops.cast(x, "float32")
    scales = ops.max(ops.abs(ops.stop_gradient(exact)), -1, keepdims=True) / LARGEST
    return ops.cast(_rounded(exact, scales), x.dtype)


def _rounded(x: Tensor, scales: Tensor) -> Tensor:
    divisors = ops.where(scales > 0, scales, 1.0)
    return x + ops.stop_gradient(ops.round(x / divisors) * scales - x)


ROUNDINGS = {
    "none": Rounding(weights=_same, inputs=_same),
    "int8": Rounding(weights=fake_quantized_weights, inputs=fake_quantized_inputs),
}
