"""A WaveRNN as the custom ops read it: one tensor of bytes."""

from __future__ import annotations

from tfopt import ops
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.wavernn.config import OUTPUTS, WavernnConfig

# The networks over frames, which the ops do not run.
_OVER_FRAMES = ("upsample.", "resnet.")


def pack(config: WavernnConfig, weights: Weights) -> Tensor:
    """Packs a model for `wavernn_step`, `wavernn_generate` and `wavernn_logits`: uint8 [bytes]."""
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
    return ops.wavernn_pack([weights[name] for name in names], config=settings)
