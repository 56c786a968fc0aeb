"""The triangles that sum the frequencies of a spectrum into mel bands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tfopt.features.settings import MelSettings

Array = NDArray[np.float64]

# Slaney's scale (Auditory Toolbox, 1998): 3 mel for 200 Hz up to 1 kHz, then 27 mel for a factor of 6.4.
_LINEAR_HZ = 200 / 3
_BREAK_HZ = 1000.0
_BREAK_MEL = _BREAK_HZ / _LINEAR_HZ
_LOG_STEP = np.log(6.4) / 27


def filterbank(settings: MelSettings, sample_rate: int) -> Array:
    """The weight of each frequency in each band.

    Band b rises from edge b to edge b + 1 and falls to edge b + 2; the edges are at equal distances on the
    mel scale, from fmin to fmax.

    Args:
        settings: Of the mel spectrogram.
        sample_rate: Of the audio, in Hz.

    Returns:
        float64 [fft_size // 2 + 1, bands].
    """
    top = sample_rate / 2 if settings.fmax is None else settings.fmax
    ends = _mel(np.array([settings.fmin, top]), settings.scale)
    edges = _hertz(np.linspace(ends[0], ends[1], settings.bands + 2), settings.scale)
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    frequencies = np.fft.rfftfreq(settings.fft_size, 1 / sample_rate)[:, np.newaxis]
    rising = (frequencies - low) / (middle - low)
    falling = (high - frequencies) / (high - middle)
    weights = np.maximum(np.minimum(rising, falling), 0)
    if settings.norm == "slaney":
        weights *= 2 / (high - low)
    return weights


def _mel(hertz: Array, scale: str) -> Array:
    if scale == "htk":
        return 2595 * np.log10(1 + hertz / 700)
    above = _BREAK_MEL + np.log(np.maximum(hertz, _BREAK_HZ) / _BREAK_HZ) / _LOG_STEP
    return np.where(hertz < _BREAK_HZ, hertz / _LINEAR_HZ, above)


def _hertz(mel: Array, scale: str) -> Array:
    if scale == "htk":
        return 700 * (10 ** (mel / 2595) - 1)
    above = _BREAK_HZ * np.exp(_LOG_STEP * (np.maximum(mel, _BREAK_MEL) - _BREAK_MEL))
    return np.where(mel < _BREAK_MEL, mel * _LINEAR_HZ, above)
