"""The residual network over mel frames, as a custom op."""

from __future__ import annotations

from tfopt import ops
from tfopt.generation.arguments import Array
from tfopt.generation.window import Window
from tfopt.model_directory import Weights
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.packing import pack_mel_resnet


class PackedMelResnet:
    """The network in the op, where a frame's outputs have the same bits in any batch and place."""

    def __init__(self, config: WavernnConfig, weights: Weights) -> None:
        self._pad = config.pad
        self._packed = pack_mel_resnet(config, weights)

    def __call__(self, window: Window, first: int, end: int) -> Array:
        """The outputs for the frames from `first` up to `end`, [batch, frames, outputs]."""
        frames = window.frames[:, first - window.first : end - window.first + 2 * self._pad]
        aux: Array = ops.mel_resnet(self._packed, frames).numpy()
        return aux
