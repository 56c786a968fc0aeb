"""The rung `native`: the whole loop in one custom op."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tfopt import ops
from tfopt.generation.threads import lanes_of_streams, threads_for_streams
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.wavenet.backends.protocol import Array
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.packing import pack


class Native:
    """One op generates all samples of a call. A batch's streams spread over the threads."""

    def __init__(
        self, config: WavenetConfig, weights: Weights, threads: int | None, compute_type: str
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
        forced: Array,
        conditioning: Array,
        speaker: Array,
        uniforms: Array,
        temperature: float,
    ) -> tuple[Array, Tensor]:
        """Generates samples."""
        samples, state = ops.wavenet_generate(
            self._packed,
            state,
            last,
            forced,
            conditioning,
            speaker,
            uniforms,
            np.float32(temperature),
            threads=threads_for_streams(len(last), self._chosen),
        )
        return samples.numpy(), state

    def logits(
        self, state: Tensor, samples: Array, conditioning: Array, speaker: Array
    ) -> tuple[Array, Tensor]:
        """Teacher-forced outputs."""
        threads = threads_for_streams(len(samples), self._chosen)
        outputs, state = ops.wavenet_logits(
            self._packed, state, samples, conditioning, speaker, threads=threads
        )
        return outputs.numpy(), state

    def _begin(self) -> Tensor:
        """The state of one stream that begins, with its bytes: what no steps leave."""
        config = self._config
        last, none = np.zeros([1], np.float32), np.zeros([1, 0], np.float32)
        conditioning = np.zeros([1, 0, config.local_channels], np.float32)
        speaker = np.zeros([1, config.global_channels], np.float32)
        numbers = np.zeros([1, 0, config.uniforms], np.float32)
        _, state = Native.advance(
            self, self.start(1), last, none, conditioning, speaker, numbers, temperature=1.0
        )
        return state
