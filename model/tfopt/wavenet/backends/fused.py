"""The rung `fused`: `graph` with a whole network step as one custom op."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tfopt import ops
from tfopt.generation import loops
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor, Tensors
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.packing import pack


class FusedStep:
    """A WaveNet's step as one op. The state, uint8 [batch, bytes], is the op's own."""

    def __init__(self, config: WavenetConfig, weights: Weights) -> None:
        self._packed = pack(config, weights)

    def start(self, batch: int) -> tuple[NDArray[np.uint8]]:
        """The zero state, of no bytes."""
        return (np.zeros([batch, 0], np.uint8),)

    def enter(self, state: Tensors) -> Tensors:
        """The same: the op overwrites a state only if nobody else holds it."""
        return state

    def phases(self, time: int) -> NDArray[np.int32]:
        """Nothing: the op's state knows its time."""
        del time
        return np.zeros(0, np.int32)

    def in_blocks(
        self, conditioning: Callable[[Tensor], Tensor], speaker: Tensor, phases: Tensor
    ) -> loops.BlockStep:
        """The step as the loops want it; the op projects the conditioning."""
        del phases

        def enter(block: Tensor) -> loops.Step:
            rows = conditioning(block)

            def step(i: Tensor, sample: Tensor, state: Tensors) -> tuple[Tensor, Tensors]:
                (streams,) = state
                outputs, streams = ops.wavenet_step(
                    self._packed, streams, sample, tf.gather(rows, i), speaker
                )
                return outputs, (streams,)

            return step

        return enter
