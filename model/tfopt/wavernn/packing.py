"""A WaveRNN as the custom ops read it: one tensor of bytes for the steps, one for the frames."""

from __future__ import annotations

from tfopt import ops
from tfopt.compute_types import DEFAULT_COMPUTE_TYPE
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.wavernn.config import OUTPUTS, WavernnConfig
from tfopt.weight_conversion import converted

_RESNET = "resnet."
# The networks over frames, which no step runs.
_OVER_FRAMES = ("upsample.", _RESNET)


def pack(
    config: WavernnConfig, weights: Weights, compute_type: str = DEFAULT_COMPUTE_TYPE
) -> Tensor:
    """Packs a model for `wavernn_step`, `wavernn_generate` and `wavernn_logits`: uint8 [bytes].

    `compute_type` is one that `compute_types.chosen` gives; a ValueError says that stored scales do not fit.
    """
    settings = [
        config.mel_channels,
        config.aux_channels,
        config.rnn_channels,
        config.rnn_layers,
        config.fc_channels,
        config.fc_layers,
        OUTPUTS.index(config.output),
        config.bits,
        config.mixtures,
    ]
    names = [name for name in config.shapes if not name.startswith(_OVER_FRAMES)]
    packed = ops.wavernn_pack([weights[name] for name in names], config=settings)
    return converted(packed, compute_type, config.quantization)


def pack_mel_resnet(config: WavernnConfig, weights: Weights) -> Tensor:
    """Packs the residual network over frames for `mel_resnet`: uint8 [bytes]."""
    settings = [
        config.mel_channels,
        config.pad,
        config.resnet_channels,
        config.resnet_blocks,
        config.aux_parts * config.aux_channels,
    ]
    names = [name for name in config.shapes if name.startswith(_RESNET)]
    return ops.mel_resnet_pack([weights[name] for name in names], config=settings)
