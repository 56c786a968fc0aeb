"""Audio files as a vocoder is judged by them: the audio, and what the model is conditioned on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tfopt import audio_files
from tfopt.features import mel_files, mel_spectrogram
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavernn.config import WavernnConfig

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Recording:
    """A recording at a model's sample rate.

    Attributes:
        audio: Amplitudes in [-1, 1], float32 [samples].
        mel: Its frames, float32 [frames, bands], enough for all samples; None of a model without local
            conditioning.
    """

    audio: Array
    mel: Array | None


def find(data: Path) -> list[Path]:
    """The audio files that are meant: the file itself, or those in a folder (not in folders below), sorted.

    Raises:
        ValueError: There is no such file or folder, or no audio in the folder.
        ImportError: soundfile is missing.
    """
    if data.is_file():
        return [data]
    # "RAW" is samples alone, which do not say their rate.
    endings = {f".{name.lower()}" for name in audio_files.library().available_formats()} - {".raw"}
    try:
        found = sorted(path for path in data.iterdir() if path.suffix.lower() in endings)
    except OSError as error:
        raise ValueError(
            f"{data}: expected an audio file or a folder of them: {error.strerror}"
        ) from error
    if not found:
        raise ValueError(f"{data}: expected a folder with audio files, found none in it")
    return found


def read_all(
    paths: Sequence[Path], config: WavenetConfig | WavernnConfig, seconds: float, name: str
) -> list[Recording]:
    """Reads the beginning of each file as a model's config says: one channel, resampled, with its frames.

    Args:
        paths: Audio files.
        config: The model's.
        seconds: The most to take of each file.
        name: The model's, for errors.

    Raises:
        ValueError: A file cannot be read, is empty, or is shorter than a sample; or the config does not say
            how the frames are computed of audio.
        ImportError: soundfile is missing, or soxr and a file has another rate.
    """
    conditioned = isinstance(config, WavernnConfig) or bool(config.local_channels)
    if conditioned and config.features is None:
        raise ValueError(
            f"{name}: features: expected a config that says how frames are computed of audio, got null"
        )
    return [_read(path, config, seconds) for path in paths]


def _read(path: Path, config: WavenetConfig | WavernnConfig, seconds: float) -> Recording:
    try:
        with path.open("rb") as file:
            audio = audio_files.read(file, config.sample_rate)
        audio = np.clip(audio[: max(round(seconds * config.sample_rate), 1)], -1, 1)
        mel = None
        if config.features is not None:
            mel = mel_spectrogram(audio, config.features, config.sample_rate)
    except OSError as error:
        raise ValueError(f"{path}: cannot read it: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return Recording(audio, mel)
