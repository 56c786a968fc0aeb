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
    """Reads the beginning of each file: one channel, resampled, with its frames.

    They are computed as the model's config says. If it does not say how, they are those of a `.npy` file of
    the same name beside the audio (`speech.npy` of `speech.wav`), and audio behind them is left out.

    Args:
        paths: Audio files.
        config: The model's.
        seconds: The most to take of each file.
        name: The model's, for errors.

    Raises:
        ValueError: A file cannot be read, is empty, or is shorter than a sample; or there are no frames.
        ImportError: soundfile is missing, or soxr and a file has another rate.
    """
    return [_read(path, config, seconds, name) for path in paths]


def _read(
    path: Path, config: WavenetConfig | WavernnConfig, seconds: float, name: str
) -> Recording:
    bands = config.mel_channels if isinstance(config, WavernnConfig) else config.local_channels
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
    if bands and mel is None:
        mel = _beside(path, bands, name)
        audio = audio[: len(mel) * config.hop_length]
    return Recording(audio, mel)


def _beside(path: Path, bands: int, name: str) -> Array:
    """The frames that are kept beside a recording."""
    place = path.with_suffix(".npy")
    try:
        with place.open("rb") as file:
            return mel_files.read(file, bands)
    except FileNotFoundError as error:
        raise ValueError(
            f"{name}: features: expected a config that says how frames are computed of audio, got null; or "
            f"the frames in {place}"
        ) from error
    except OSError as error:
        raise ValueError(f"{place}: cannot read it: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error
