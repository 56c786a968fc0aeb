"""Features that vocoders are conditioned on: mel spectrograms, as a model's config says.

from tfopt.features import MelSettings, mel_spectrogram

mel = mel_spectrogram(audio, settings, sample_rate)  # float32 [frames, bands]
"""

from __future__ import annotations

from tfopt.features.mel import mel_spectrogram
from tfopt.features.settings import MelSettings

__all__ = ["MelSettings", "mel_spectrogram"]
