"""Packed models with weights of fewer bits, and without their zeros."""

from __future__ import annotations

import tensorflow as tf

from tfopt import op_messages, ops
from tfopt.quantization_settings import QuantizationSettings
from tfopt.stored_weights import MOST_DENSITY
from tfopt.tensors import Tensor


def converted(
    packed: Tensor, compute_type: str, quantization: QuantizationSettings | None
) -> Tensor:
    """A packed model for a compute type.

    Args:
        packed: uint8 [bytes], of `ops.wavenet_pack`, `ops.wavernn_pack` or `ops.g2p_pack`.
        compute_type: As `compute_types.chosen` gives it: not `auto`.
        quantization: Of the model's config; with its input scales for `int8_static`.

    Returns:
        uint8 [bytes].

    Raises:
        ValueError: The input scales do not fit the model.
    """
    if compute_type != "int8_static" or quantization is None:
        return ops.convert_weights(packed, weight_type=compute_type, most_density=MOST_DENSITY)
    try:
        return ops.convert_weights(
            packed,
            weight_type="int8",
            most_density=MOST_DENSITY,
            input_scales=quantization.input_scales,
        )
    except tf.errors.InvalidArgumentError as error:
        raise ValueError(f"quantization: {op_messages.plain(str(error))}") from error
