"""The mel spectrogram of a recording, as a model wants it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tfopt import audio_files
from tfopt.features.mel import mel_spectrogram
from tfopt.features.settings import MelSettings


class _Config(Protocol):
    @property
    def features(self) -> MelSettings | None: ...
    @property
    def sample_rate(self) -> int: ...


class HearsRecordings:
    """A model that is conditioned on mel spectrograms, whose config may say how they are computed.

    Attributes:
        config: The model's settings.
    """

    config: _Config

    def mel(self, audio: ArrayLike | str | os.PathLike[str]) -> NDArray[np.float32]:
        """Computes the mel spectrogram of a recording, as this model is conditioned on.

        Args:
            audio: The path of a file of any kind that libsndfile knows (WAV, FLAC, Ogg, MP3), the mean of
                whose channels is resampled to the model's rate; or amplitudes in [-1, 1] of that rate, floats
                [samples].

        Returns:
            float32 [frames, bands].

        Raises:
            ValueError: The config has no `features`; the file cannot be read, is no audio, or is cut off; or
                the amplitudes have another shape, are none or integers, or hold NaN or infinity.
            ImportError: It is a file, and soundfile or soxr is missing.
        """
        settings, rate = self.config.features, self.config.sample_rate
        if settings is None:
            raise ValueError(
                "audio: expected a model whose config says how mel spectrograms are computed of audio, got "
                "one without features; give it the spectrogram itself"
            )
        if isinstance(audio, (str, os.PathLike)):
            return mel_spectrogram(_read(Path(audio), rate), settings, rate)
        amplitudes: NDArray[np.generic] = np.asarray(audio)
        if amplitudes.dtype.kind in "iu":
            raise ValueError(
                f"audio: expected amplitudes in [-1, 1], got integers ({amplitudes.dtype}); divide those of "
                "16 bits by 32768"
            )
        return mel_spectrogram(amplitudes, settings, rate)


def _read(path: Path, sample_rate: int) -> NDArray[np.float32]:
    try:
        with path.open("rb") as file:
            return audio_files.read(file, sample_rate)
    except OSError as error:
        raise ValueError(f"audio: cannot read {str(path)!r}: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"audio: {str(path)!r}: {error}") from error
