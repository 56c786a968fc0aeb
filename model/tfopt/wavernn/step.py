"""One step of WaveRNN as TensorFlow functions, with all hoisted that does not depend on the last sample.

Hoisted: what a frame's aux adds to each layer, its biases included, is computed once a frame; what the mel
bands add, for a block of steps at once; what is fed adds a column of the input layer (of a split sample two),
and through it to the first GRU's gates (see `tfopt.wavernn.folded`).
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tfopt.generation import loops
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor, Tensors
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.head import Head
from tfopt.wavernn.layers import Hoisted, Unhoisted


class Step:
    """A WaveRNN's step. The state is that of the GRUs, float32 [batch, rnn_channels] each."""

    def __init__(self, config: WavernnConfig, weights: Weights, *, hoisted: bool = True) -> None:
        """Makes a step.

        Args:
            config: The model.
            weights: Its tensors.
            hoisted: Whether anything is computed ahead of the step; if not, it shows what that is worth.
        """
        self._config = config
        self._layers = Hoisted(config, weights) if hoisted else Unhoisted(config, weights)
        self.frames = self._layers.frames
        head = Head(config, weights)
        self.draw = head.draw
        self.outputs = head.outputs

    def start(self, batch: int) -> tuple[NDArray[np.float32], ...]:
        """The zero state: nothing was fed yet."""
        zeros = np.zeros([batch, self._config.rnn_channels], np.float32)
        return (zeros,) * self._config.rnn_layers

    def in_blocks(self, mels: loops.OfBlock, aux: Tensor, place: Tensor) -> loops.BlockStep:
        """The step as the loops want it.

        Args:
            mels: Gives a block's, float32 [BLOCK, batch, mel_channels].
            aux: Of the frames that the blocks are in, float32 [frames, batch, aux_parts * aux_channels].
            place: The first block's first step's in the first of these frames, int32 [].

        Returns:
            Steps that are fed float32 [batch, fed_back] and say what the last fully connected layer says,
            float32 [batch, fc_channels].
        """
        frames = self.frames(aux)

        def enter(block: Tensor) -> loops.Step:
            rows = self.rows(mels(block), frames, place + block * loops.BLOCK)

            def step(i: Tensor, fed: Tensor, state: Tensors) -> tuple[Tensor, Tensors]:
                return self(fed, tf.gather(rows, i), state)

            return step

        return enter

    def rows(self, mels: Tensor, frames: Tensor, place: Tensor) -> Tensor:
        """What a block's steps need of mel bands and aux.

        Args:
            mels: float32 [BLOCK, batch, mel_channels].
            frames: What `frames` makes of aux.
            place: The first step's in the first of these frames, int32 [].

        Returns:
            float32 [BLOCK, batch, …].
        """
        numbers = (place + tf.range(loops.BLOCK)) // self._config.hop_length
        return self._layers.rows(mels, tf.gather(frames, numbers))

    def __call__(self, fed: Tensor, row: Tensor, state: Tensors) -> tuple[Tensor, Tensors]:
        """Feeds one sample.

        Args:
            fed: float32 [batch, fed_back].
            row: This step's row of what the method `rows` gives.
            state: As `start` says.

        Returns:
            What the last fully connected layer says, float32 [batch, fc_channels], and the new state.
        """
        return self._layers(fed, row, state)
