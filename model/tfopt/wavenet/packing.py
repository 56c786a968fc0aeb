"""A WaveNet as the custom ops read it: one tensor of bytes."""

from __future__ import annotations

import numpy as np

from tfopt import ops
from tfopt.compute_types import DEFAULT_COMPUTE_TYPE
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.wavenet.config import OUTPUTS, WavenetConfig
from tfopt.weight_conversion import converted

_LAYER = (
    *("conv.kernel", "conv.bias", "local.kernel", "global.kernel"),
    *("residual.kernel", "residual.bias", "skip.kernel", "skip.bias"),
)


def pack(
    config: WavenetConfig, weights: Weights, compute_type: str = DEFAULT_COMPUTE_TYPE
) -> Tensor:
    """Packs a model for `wavenet_step`, `wavenet_generate` and `wavenet_logits`: uint8 [bytes].

    `compute_type` is one that `compute_types.chosen` gives; a ValueError says that stored scales do not fit.
    """
    one_hot = config.input == "one_hot"
    settings = [
        config.residual_channels,
        config.gate_channels,
        config.skip_channels,
        config.end_channels,
        config.outputs,
        config.kernel_size,
        config.classes if one_hot else 0,
        config.input_kernel_size,
        OUTPUTS.index(config.output),
        config.mixtures,
        config.local_channels,
        config.global_channels,
        0 if one_hot else config.classes,
    ]
    names = ["input.kernel", "input.bias"]
    for i in range(len(config.dilations)):
        names += [f"layers.{i}.{name}" for name in _LAYER]
    names += ["end.0.kernel", "end.0.bias", "end.1.kernel", "end.1.bias"]
    missing = np.zeros(0, np.float32)
    tensors = [weights.get(name, missing) for name in names]
    packed = ops.wavenet_pack(tensors, config=settings, dilations=list(config.dilations))
    return converted(packed, compute_type, config.quantization)
