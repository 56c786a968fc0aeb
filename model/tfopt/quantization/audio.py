"""WaveNets and WaveRNNs, calibrated and judged on recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tfopt.evaluation import teacher_forcing
from tfopt.evaluation.recordings import Recording
from tfopt.model_directory import Weights
from tfopt.quantization import sections
from tfopt.quantization.histograms import Histograms
from tfopt.quantization.subject import Progress
from tfopt.quantization_settings import NATS_PER_SAMPLE, TYPES, QuantizationSettings
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavernn.config import WavernnConfig

if TYPE_CHECKING:
    from tfopt.wavenet.model import Wavenet
    from tfopt.wavernn.model import Wavernn

_ENOUGH = 1.0  # seconds to measure losses on


class AudioModel:
    """A vocoder with recordings: a `Subject` whose losses are of the mean log-likelihood of a sample."""

    def __init__(
        self,
        config: WavenetConfig | WavernnConfig,
        weights: Weights,
        data: Sequence[Path],
        *,
        name: str,
        seconds: float,
        speaker: int | None,
    ) -> None:
        """Reads the recordings, with the errors of `sections.read`."""
        self._config, self._weights, self._speaker = config, weights, speaker
        self._calibration, self._held_out = sections.read(data, config, seconds, name)
        calibration, held_out = (
            sum(len(one.audio) for one in part) for part in (self._calibration, self._held_out)
        )
        self.unit = NATS_PER_SAMPLE
        self.work = calibration + held_out * (1 + len(TYPES))
        self.enough = held_out >= _ENOUGH * config.sample_rate
        self.described = (
            f"calibrated on {calibration / config.sample_rate:.1f} s of audio, losses of "
            f"{held_out / config.sample_rate:.1f} s behind it"
        )

    def observe(self, progress: Progress) -> Histograms:
        """What the matrices multiply when the model is fed the recordings."""
        histograms = Histograms()
        net = _observed(self._config, self._weights, histograms)
        self._mean(net, self._calibration, progress)
        return histograms

    def losses(self, quantization: QuantizationSettings, progress: Progress) -> dict[str, float]:
        """Nats a sample more than float32's, on recordings that it was not calibrated on."""
        config = replace(self._config, quantization=quantization)

        def mean(compute_type: str) -> float:
            return self._mean(
                _loaded(config, self._weights, compute_type), self._held_out, progress
            )

        exact = mean("float32")
        return {compute_type: mean(compute_type) - exact for compute_type in TYPES}

    def _mean(
        self, net: Wavenet | Wavernn, recordings: Sequence[Recording], progress: Progress
    ) -> float:
        """The mean negative log-likelihood of a sample."""
        found = []
        for recording in recordings:
            found.append(teacher_forcing.losses(net, recording, self._speaker))
            progress(len(recording.audio))
        return float(np.concatenate(found).mean())


# TensorFlow is imported below, when somebody asks for a model.


def _loaded(
    config: WavenetConfig | WavernnConfig, weights: Weights, compute_type: str
) -> Wavenet | Wavernn:
    from tfopt.wavenet.model import Wavenet
    from tfopt.wavernn.model import Wavernn

    if isinstance(config, WavenetConfig):
        return Wavenet(config, weights, "native", compute_type=compute_type)
    return Wavernn(config, weights, "native", compute_type=compute_type)


def _observed(
    config: WavenetConfig | WavernnConfig, weights: Weights, histograms: Histograms
) -> Wavenet | Wavernn:
    from tfopt.quantization.observing import ObservedWavenet, ObservedWavernn
    from tfopt.wavenet.model import Wavenet
    from tfopt.wavernn.model import Wavernn

    if isinstance(config, WavenetConfig):
        return Wavenet(config, weights, ObservedWavenet(config, weights, histograms))
    return Wavernn(config, weights, ObservedWavernn(config, weights, histograms))
