"""Audio of a mel spectrogram without any model: the floor that a vocoder has to be above.

A spectrogram whose mel bands are those given, by non-negative least squares, and phases that fit it, by the
algorithm of Griffin and Lim (1984) with momentum: all of it librosa's.
"""

from __future__ import annotations

import importlib.util

import numpy as np
from numpy.typing import NDArray

from tfopt.features.settings import MelSettings

_ITERATIONS = 60


def check() -> None:
    """Raises ImportError if librosa is missing."""
    if importlib.util.find_spec("librosa") is None:
        raise ImportError("Griffin-Lim is librosa's: pip install 'tfopt[training]'")


def audio_of(
    mel: NDArray[np.float32], settings: MelSettings, sample_rate: int, samples: int
) -> NDArray[np.float32]:
    """Makes audio.

    Args:
        mel: [frames, bands], logarithms that were not scaled to [0, 1].
        settings: How they were computed.
        sample_rate: In Hz.
        samples: How many to make.

    Returns:
        float32 [samples].

    Raises:
        ImportError: librosa is missing.
    """
    check()
    import librosa

    tenfold = {
        "log10": 1.0,
        "ln": np.log(10),
        "db": 20.0 if settings.spectrum == "magnitude" else 10.0,
    }
    bands = 10 ** (mel.T.astype(np.float64) / tenfold[settings.log])
    audio: NDArray[np.float32] = librosa.feature.inverse.mel_to_audio(
        bands.astype(np.float32),
        sr=sample_rate,
        n_fft=settings.fft_size,
        hop_length=settings.hop_length,
        win_length=settings.window_length,
        power=1.0 if settings.spectrum == "magnitude" else 2.0,
        n_iter=_ITERATIONS,
        length=samples,
        fmin=settings.fmin,
        fmax=settings.fmax,
        htk=settings.scale == "htk",
        norm=None if settings.norm == "none" else settings.norm,
    )
    return audio
