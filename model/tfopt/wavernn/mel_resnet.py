"""The residual network over mel frames, as TensorFlow functions."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tfopt.generation.arguments import Array
from tfopt.generation.window import Window
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.wavernn.config import WavernnConfig

BLOCK = 8  # frames: few, since a stream that gets one frame computes a block


def residual(config: WavernnConfig, weights: Weights, frames: Tensor) -> Tensor:
    """The network: [n + 2 * pad, mel_channels] → [n, aux_parts * aux_channels]."""

    def dense(name: str, x: Tensor) -> Tensor:
        return x @ weights[f"{name}.kernel"] + weights[f"{name}.bias"]

    count = tf.shape(frames)[0] - 2 * config.pad
    taps = [frames[k : k + count] for k in range(2 * config.pad + 1)]
    kernel = weights["resnet.input.kernel"]
    x = tf.concat(taps, 1) @ kernel.reshape(-1, config.resnet_channels)
    x = tf.nn.relu(x + weights["resnet.input.bias"])
    for i in range(config.resnet_blocks):
        inner = tf.nn.relu(dense(f"resnet.blocks.{i}.0", x))
        x += dense(f"resnet.blocks.{i}.1", inner)
    return dense("resnet.output", x)


class BlockedMelResnet:
    """The network over blocks of frames, so that pieces equal the whole to the last bit.

    A matrix product rounds otherwise if its shape is another, or if a row stands elsewhere in it; so blocks
    have one size, and a frame always has the same place in its block. What stands in the rest of the block
    does not matter.
    """

    def __init__(self, config: WavernnConfig, weights: Weights) -> None:
        self._pad = config.pad
        block = tf.TensorSpec([None, BLOCK + 2 * config.pad, config.mel_channels], tf.float32)
        # One at a time: a product of all blocks together would have another shape for every number of them.
        self._blocks = tf.function(
            lambda blocks: tf.map_fn(lambda block: residual(config, weights, block), blocks),
            input_signature=[block],
        )

    def __call__(self, window: Window, first: int, end: int) -> Array:
        """The outputs for the frames from `first` up to `end`, [batch, frames, outputs].

        Blocks are counted from each spectrogram's begin, so streams may need another number of them.
        """
        size, begins = BLOCK + 2 * self._pad, window.begins
        blocks = (first - begins) // BLOCK
        counts = (end - 1 - begins) // BLOCK - blocks + 1
        before = np.cumsum(counts) - counts  # blocks of the streams before
        stream = np.repeat(np.arange(len(begins)), counts)
        places = (blocks - before)[stream] + np.arange(counts.sum())
        around = BLOCK - 1  # frames of a block that the window may miss on either side
        held = np.pad(window.frames, ((0, 0), (around, around), (0, 0)))
        starts = places * BLOCK + begins[stream] - window.first + around
        inputs = held[stream[:, np.newaxis], starts[:, np.newaxis] + np.arange(size)]
        rows = self._blocks(inputs).numpy().reshape(len(stream) * BLOCK, -1)
        at = (before - blocks) * BLOCK - begins
        aux: Array = rows[at[:, np.newaxis] + np.arange(first, end)]
        return aux
