"""Mel spectrograms in NumPy."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from tfopt.features.filterbank import filterbank
from tfopt.features.settings import MelSettings

# Frames transformed at once: bounds the memory to some MB, however long the audio.
_BLOCK = 128


def mel_spectrogram(
    audio: ArrayLike, settings: MelSettings, sample_rate: int
) -> NDArray[np.float32]:
    """Computes a mel spectrogram.

    What librosa's `feature.melspectrogram` and a logarithm give, but in float64 until the end.

    Args:
        audio: Amplitudes, [samples].
        settings: How.
        sample_rate: Of the audio, in Hz.

    Returns:
        float32 [frames, bands], 1 + samples // hop_length frames (with an even `fft_size`).

    Raises:
        ValueError: The audio has another shape, is empty, or holds NaN or infinity; or the settings do not
            fit the rate.
    """
    settings.check_fit(sample_rate, settings.hop_length, settings.bands)
    given: NDArray[np.generic] = np.asarray(audio)
    if given.ndim != 1 or not given.size or given.dtype.kind not in "iuf":
        raise ValueError(
            f"audio: expected numbers [samples], at least one, got {given.dtype} {list(given.shape)}"
        )
    samples = given.astype(np.float32)
    if not np.isfinite(samples).all():
        raise ValueError("audio: expected finite float32 values, got NaN or infinity")
    frames = sliding_window_view(_padded(samples, settings), settings.fft_size)[
        :: settings.hop_length
    ]
    window, weights = hann_window(settings), filterbank(settings, sample_rate)
    result = np.empty([len(frames), settings.bands], np.float32)
    for start in range(0, len(frames), _BLOCK):
        block = frames[start : start + _BLOCK] * window
        magnitude = np.abs(np.fft.rfft(block))
        spectrum = magnitude if settings.spectrum == "magnitude" else magnitude**2
        result[start : start + _BLOCK] = _logarithm(spectrum @ weights, settings)
    return result


def _padded(audio: NDArray[np.float32], settings: MelSettings) -> NDArray[np.float32]:
    half = settings.fft_size // 2
    if settings.padding == "reflect":
        return np.pad(audio, half, mode="reflect")
    return np.pad(audio, half)


def hann_window(settings: MelSettings) -> NDArray[np.float64]:
    """The periodic Hann window with zeros around it, float64 [fft_size]."""
    length, size = settings.window_length, settings.fft_size
    before = (size - length) // 2
    window = np.zeros(size)
    window[before : before + length] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    return window


def _logarithm(bands: NDArray[np.float64], settings: MelSettings) -> NDArray[np.float64]:
    floored = np.maximum(bands, settings.floor)
    if settings.log == "ln":
        return np.log(floored)
    if settings.log == "log10":
        return np.log10(floored)
    decibels = (20 if settings.spectrum == "magnitude" else 10) * np.log10(floored)
    if settings.min_level_db is None:
        return decibels
    return np.clip(1 - decibels / settings.min_level_db, 0, 1)
