"""The rung `native`: the whole loop in one custom op."""

from __future__ import annotations

import numpy as np

from tfopt import ops
from tfopt.cpu import available_cpus
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.wavenet.backends.protocol import Array
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.packing import pack


class Native:
    """One op generates all samples of a call.

    A batch's streams spread over the threads. One stream shares its steps among them only where the caller
    has asked for several: threads that wait for one another spin, which a server with many streams must not.
    """

    def __init__(self, config: WavenetConfig, weights: Weights, threads: int | None) -> None:
        self._packed = pack(config, weights)
        self._chosen = threads

    def _threads(self, batch: int) -> int:
        return self._chosen or max(1, min(batch, available_cpus()))

    def start(self, batch: int) -> Tensor:
        """The zero state, of no bytes."""
        return np.zeros([batch, 0], np.uint8)

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
            threads=self._threads(len(last)),
        )
        return samples.numpy(), state

    def logits(
        self, state: Tensor, samples: Array, conditioning: Array, speaker: Array
    ) -> tuple[Array, Tensor]:
        """Teacher-forced outputs."""
        threads = self._threads(len(samples))
        outputs, state = ops.wavenet_logits(
            self._packed, state, samples, conditioning, speaker, threads=threads
        )
        return outputs.numpy(), state
