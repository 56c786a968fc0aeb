"""The rung `native` of vocoders in float32, with an eye on what its matrices multiply."""

from __future__ import annotations

import numpy as np

from tfopt import ops
from tfopt.compute_types import DEFAULT_COMPUTE_TYPE
from tfopt.model_directory import Weights
from tfopt.quantization.histograms import Histograms
from tfopt.tensors import Tensor
from tfopt.wavenet.backends import native as wavenet
from tfopt.wavenet.backends.protocol import Array
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavernn.backends import native as wavernn
from tfopt.wavernn.backends.protocol import Classes, Conditioning
from tfopt.wavernn.config import WavernnConfig


class ObservedWavenet(wavenet.Native):
    """Adds to histograms what a WaveNet multiplies when it is teacher-forced."""

    def __init__(self, config: WavenetConfig, weights: Weights, histograms: Histograms) -> None:
        super().__init__(config, weights, None, DEFAULT_COMPUTE_TYPE)
        self._histograms = histograms

    def logits(
        self, state: Tensor, samples: Array, conditioning: Array, speaker: Array
    ) -> tuple[Array, Tensor]:
        """Teacher-forced outputs."""
        outputs, state, counts, largest = ops.wavenet_observe(
            self._packed, state, samples, conditioning, speaker
        )
        self._histograms.add(counts, largest)
        return outputs.numpy(), state


class ObservedWavernn(wavernn.Native):
    """Adds to histograms what a WaveRNN multiplies when it is teacher-forced."""

    def __init__(self, config: WavernnConfig, weights: Weights, histograms: Histograms) -> None:
        super().__init__(config, weights, None, DEFAULT_COMPUTE_TYPE)
        self._histograms = histograms

    def logits(
        self, state: Tensor, fed: Array, targets: Classes | None, conditioning: Conditioning
    ) -> tuple[Array, Tensor]:
        """Teacher-forced outputs."""
        coarse = np.zeros([len(fed), 0], np.int32)
        if targets is not None:
            coarse = targets >> self._config.fine_bits
        outputs, state, counts, largest = ops.wavernn_observe(
            self._packed,
            state,
            fed,
            coarse,
            conditioning.mels,
            conditioning.aux,
            np.int32(conditioning.offset),
            hop_length=self._config.hop_length,
        )
        self._histograms.add(counts, largest)
        return outputs.numpy(), state
