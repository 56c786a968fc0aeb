"""The rung `native`: the whole loop in one custom op."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tfopt import ops
from tfopt.generation.threads import lanes_of_streams, threads_for_streams
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.wavernn.backends.protocol import Array, Classes, Conditioning
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.packing import pack


class Native:
    """One op generates all samples of a call. The state, uint8 [batch, bytes], is the op's own.

    A batch's streams spread over the threads.
    """

    def __init__(
        self, config: WavernnConfig, weights: Weights, threads: int | None, compute_type: str
    ) -> None:
        self._config = config
        self._packed = pack(config, weights, compute_type)
        self._chosen = threads

    @property
    def lanes(self) -> int:
        """As many streams side by side as keep it busy."""
        return lanes_of_streams(self._chosen)

    def start(self, batch: int) -> Tensor:
        """The zero state, of no bytes."""
        return np.zeros([batch, 0], np.uint8)

    def select(self, state: Tensor, rows: Sequence[int]) -> Tensor:
        """The state of some of the streams."""
        return tf.gather(state, np.asarray(rows, np.int32))

    def join(self, state: Tensor, count: int) -> Tensor:
        """The state of the streams, and behind them of some that begin."""
        return tf.concat([state, tf.repeat(self._begin(), count, axis=0)], axis=0)

    def advance(
        self,
        state: Tensor,
        last: Array,
        conditioning: Conditioning,
        uniforms: Array,
        temperature: float,
    ) -> tuple[Array, Tensor]:
        """Generates samples."""
        samples, state = ops.wavernn_generate(
            self._packed,
            state,
            last,
            conditioning.mels,
            conditioning.aux,
            np.int32(conditioning.offset),
            uniforms,
            np.float32(temperature),
            hop_length=self._config.hop_length,
            threads=threads_for_streams(len(last), self._chosen),
        )
        return samples.numpy(), state

    def logits(
        self, state: Tensor, fed: Array, targets: Classes | None, conditioning: Conditioning
    ) -> tuple[Array, Tensor]:
        """Teacher-forced outputs."""
        coarse = np.zeros([len(fed), 0], np.int32)
        if targets is not None:
            coarse = targets >> self._config.fine_bits
        outputs, state = ops.wavernn_logits(
            self._packed,
            state,
            fed,
            coarse,
            conditioning.mels,
            conditioning.aux,
            np.int32(conditioning.offset),
            hop_length=self._config.hop_length,
            threads=threads_for_streams(len(fed), self._chosen),
        )
        return outputs.numpy(), state

    def _begin(self) -> Tensor:
        """The state of one stream that begins, with its bytes: what no steps leave."""
        config = self._config
        mels = np.zeros([1, 0, config.mel_channels], np.float32)
        aux = np.zeros([1, 0, config.aux_parts * config.aux_channels], np.float32)
        last = np.zeros([1, config.fed_back], np.float32)
        numbers = np.zeros([1, 0, config.uniforms], np.float32)
        begin = self.start(1), last, Conditioning(mels, aux, 0), numbers, 1.0
        _, state = Native.advance(self, *begin)  # whose state this is, also of subclasses
        return state
