"""The op that changes how the weights of a packed model are stored."""

from __future__ import annotations

from typing import Any

from tfopt.ops.arguments import float32, uint8
from tfopt.ops.loading import op
from tfopt.tensors import Tensor

WEIGHT_TYPES = ("float32", "bfloat16", "int16", "int8")  # in the order of the engine's numbers


def convert_weights(
    packed: Tensor, *, weight_type: str, most_density: Any = 0.0, input_scales: Any = None
) -> Tensor:
    """Converts a packed WaveNet, WaveRNN or g2p model to weights of another type.

    The ops that run the model take the result as they take `packed`. docs/reduced-precision.md says how each
    type rounds, and which parts of a model stay float32.

    Args:
        packed: uint8 [bytes], of `wavenet_pack`, `wavernn_pack` or `g2p_pack`.
        weight_type: `"float32"`, `"bfloat16"`, `"int16"` or `"int8"`.
        most_density: float32 [], from 0 to 1. A matrix is stored block-sparse if at most this part of its
            blocks hold a weight that is not zero. Blocks have 16 outputs and 1 input, of int8 8 outputs and 4
            inputs; int16 has none.
        input_scales: For int16 and int8, float32 [matrices], each 0 or finite and from 2^-100 on, in the
            order in which the packed model has its matrices: what 1 stands for in an input made an
            integer, whose range ends at 4095 and 127. 0: each vector of inputs has a scale of its own, so
            that its largest number just fits; by default all have.

    Returns:
        uint8 [bytes]; the same on every CPU.
    """
    if not isinstance(weight_type, str) or weight_type not in WEIGHT_TYPES:
        expected = f"one of {', '.join(WEIGHT_TYPES)}"
        raise ValueError(f"weight_type: expected {expected}, got {weight_type!r}")
    return op("convert_weights")(
        packed=uint8("packed", packed),
        most_density=float32("most_density", most_density),
        input_scales=float32("input_scales", [] if input_scales is None else input_scales),
        weight_type=WEIGHT_TYPES.index(weight_type),
    )
