"""The distance between the mel spectrogram of generated audio and the one that it was made of.

Of all bands of a frame the mean absolute difference, in dB: how far a vocoder missed what it was asked for.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tfopt.features import mel_spectrogram
from tfopt.features.settings import MelSettings


def frame_distances(
    audio: ArrayLike, mel: NDArray[np.float32], settings: MelSettings, sample_rate: int
) -> NDArray[np.float64]:
    """The distance of each frame that both have.

    Args:
        audio: Amplitudes, [samples].
        mel: What the audio was made of, [frames, bands].
        settings: How those frames were computed.
        sample_rate: In Hz.

    Returns:
        float64 [frames], in dB.
    """
    made = mel_spectrogram(audio, settings, sample_rate)
    count = min(len(made), len(mel))
    difference = np.abs(made[:count].astype(np.float64) - mel[:count])
    distances: NDArray[np.float64] = difference.mean(axis=1) * _decibels(settings)
    return distances


def _decibels(settings: MelSettings) -> float:
    """Of a difference of 1 between two numbers of a frame."""
    if settings.log == "db":
        return 1.0 if settings.min_level_db is None else -settings.min_level_db
    tenfold = 20.0 if settings.spectrum == "magnitude" else 10.0
    return tenfold if settings.log == "log10" else tenfold / math.log(10)
