"""What `tfopt vocode` reads: mel spectrograms, or audio whose spectrograms it computes."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from tfopt import audio_files
from tfopt.cli.audio_outputs import STANDARD
from tfopt.features import mel_files, mel_spectrogram
from tfopt.vocoders import Vocoder

Array = NDArray[np.float32]

_ZIP = b"PK\x03\x04"


def read_mel(name: str, vocoder: Vocoder, layout: str) -> Array:
    """Reads the mel spectrogram of an input, or computes it of audio.

    Args:
        name: A file, or `STANDARD`; what it holds says which of the two it is.
        vocoder: That takes it.
        layout: Of a `.npy` file, one of `mel_files.LAYOUTS`.

    Returns:
        float32 [frames, bands].

    Raises:
        ValueError: It cannot be read, or is not what the vocoder takes.
        ImportError: It is audio, and soundfile or soxr is missing.
    """
    with _opened(name) as file:
        magic = file.read(len(mel_files.MAGIC))
        file.seek(0)
        if magic.startswith(_ZIP):
            raise ValueError("expected a .npy file or audio, got a .zip file, as .npz files are")
        if magic == mel_files.MAGIC:
            return mel_files.read(file, vocoder.bands, layout)
        if vocoder.features is None:
            raise ValueError(
                "expected a mel spectrogram as .npy file, since the model's config says no "
                "features, how to compute one of audio"
            )
        audio = audio_files.read(file, vocoder.sample_rate)
        return mel_spectrogram(audio, vocoder.features, vocoder.sample_rate)


def _opened(name: str) -> IO[bytes]:
    """An input that can be sought in; what cannot, such as a pipe, is read whole."""
    if name == STANDARD:
        return io.BytesIO(sys.stdin.buffer.read())
    try:
        path = Path(name)
        return path.open("rb") if path.is_file() else io.BytesIO(path.read_bytes())
    except OSError as error:
        raise ValueError(f"cannot read it: {error.strerror}") from error
