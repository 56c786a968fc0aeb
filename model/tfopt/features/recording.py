"""The mel spectrogram of a recording, as a model wants it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tfopt import audio_files
from tfopt.features.mel import mel_spectrogram
from tfopt.features.settings import MelSettings


def mel_of_recording(
    audio: ArrayLike | str | os.PathLike[str],
    settings: MelSettings | None,
    sample_rate: int,
) -> NDArray[np.float32]:
    """Computes the mel spectrogram of a file, or of amplitudes.

    Args:
        audio: The path of a file of any kind that libsndfile knows (WAV, FLAC, Ogg, MP3), the mean of whose
            channels is resampled to the model's rate; or amplitudes in [-1, 1] of that rate, floats
            [samples].
        settings: The `features` of the model's config.
        sample_rate: The model's, in Hz.

    Returns:
        float32 [frames, bands].

    Raises:
        ValueError: The config has no `features`; the file cannot be read, is no audio, or is cut off; or the
            amplitudes have another shape, are none or integers, or hold NaN or infinity.
        ImportError: It is a file, and soundfile or soxr is missing.
    """
    if settings is None:
        raise ValueError(
            "audio: expected a model whose config says how mel spectrograms are computed of audio, got one "
            "without features; give it the spectrogram itself"
        )
    if isinstance(audio, (str, os.PathLike)):
        return mel_spectrogram(_read(Path(audio), sample_rate), settings, sample_rate)
    amplitudes: NDArray[np.generic] = np.asarray(audio)
    if amplitudes.dtype.kind in "iu":
        raise ValueError(
            f"audio: expected amplitudes in [-1, 1], got integers ({amplitudes.dtype}); divide those of 16 "
            "bits by 32768"
        )
    return mel_spectrogram(amplitudes, settings, sample_rate)


def _read(path: Path, sample_rate: int) -> NDArray[np.float32]:
    try:
        with path.open("rb") as file:
            return audio_files.read(file, sample_rate)
    except OSError as error:
        raise ValueError(f"audio: cannot read {str(path)!r}: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"audio: {str(path)!r}: {error}") from error
