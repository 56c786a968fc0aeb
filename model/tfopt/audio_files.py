"""Reads audio files of any kind that libsndfile knows, and writes WAV, FLAC and raw samples."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from tfopt import files

Samples = NDArray[np.float32]
Write = Callable[[Samples], None]

FORMATS = ("wav", "flac", "raw")
SUBTYPES = ("pcm16", "pcm24", "float")
_SUBTYPES = {"pcm16": ("PCM_16", 16), "pcm24": ("PCM_24", 24), "float": ("FLOAT", 32)}

_UNKNOWN = 0xFFFFFFFF  # as a size: players and converters take the file for a stream
_LEAST_UNKNOWN = 0x7FFF0000  # what other programs write there


def read(file: IO[bytes], rate: int) -> Samples:
    """Reads audio as one channel at a rate: the mean of its channels, resampled (soxr, high quality).

    Args:
        file: Open for reading, and seekable.
        rate: Wanted, in Hz.

    Returns:
        Amplitudes, float32 [samples]; those of files with whole numbers lie in [-1, 1].

    Raises:
        ValueError: It is no audio, is cut off, is empty, or holds NaN or infinity.
        ImportError: soundfile or soxr is missing.
    """
    soundfile = library()
    missing = _missing_bytes(file)
    if missing:
        raise ValueError(f"it is cut off: {missing} bytes of its samples are missing")
    file.seek(0)
    try:
        with soundfile.SoundFile(file) as source:
            given, frames = source.samplerate, source.frames
            audio = source.read(dtype="float32", always_2d=True)
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        # libsndfile's own words, without the name of a Python object.
        text = getattr(error, "error_string", error)
        raise ValueError(f"cannot read it as audio: {text}") from error
    if len(audio) < frames:
        raise ValueError(f"it is cut off: {len(audio)} of {frames} samples are there")
    if not len(audio):
        raise ValueError("expected audio, got no samples")
    if not np.isfinite(audio).all():
        raise ValueError("expected finite amplitudes, got NaN or infinity")
    mono: Samples = audio.mean(axis=1, dtype=np.float32)
    return mono if given == rate else _resampled(mono, given, rate)


@contextmanager
def writing(path: Path, rate: int, form: str = "wav", subtype: str = "pcm16") -> Iterator[Write]:
    """Opens an audio file of one channel; it is there when the block ends, and only whole.

    Args:
        path: Of the file; what is not a regular file, such as a pipe, is streamed to.
        rate: Samples a second.
        form: One of `FORMATS`; `"raw"` is samples alone, little-endian.
        subtype: How a sample is kept, one of `SUBTYPES`.

    Yields:
        A function that takes the next amplitudes, float32 [samples]; whole numbers are clipped at [-1, 1].

    Raises:
        ValueError: The format is none of those, has no such subtype, cannot be streamed, or is FLAC and was
            given no samples.
        OSError: The file cannot be written.
        ImportError: soundfile is missing.
    """
    streamed = path.exists() and not path.is_file()
    check(form, subtype, streamed=streamed)
    soundfile = library()
    with files.writing(path) as file:
        if streamed:
            yield streaming(file, rate, form, subtype)
            return
        layout = {"endian": "LITTLE"} if form == "raw" else {}
        name = _SUBTYPES[subtype][0]
        with soundfile.SoundFile(file, "w", rate, 1, name, format=form.upper(), **layout) as audio:
            yield audio.write
            if form == "flac" and not audio.frames:
                # libsndfile does not read such a file.
                raise ValueError("format flac: expected samples, got none")


def streaming(file: IO[bytes], rate: int, form: str = "wav", subtype: str = "pcm16") -> Write:
    """Audio to a pipe: as of `writing`, but each piece leaves at once, and a WAV header says no length.

    Raises:
        ValueError: As of `check`.
        ImportError: soundfile is missing.
    """
    check(form, subtype, streamed=True)
    soundfile = library()
    name, bits = _SUBTYPES[subtype]
    if form == "wav":
        file.write(_wav_header(rate, bits, is_float=subtype == "float"))

    def write(samples: Samples) -> None:
        piece = io.BytesIO()
        soundfile.write(piece, samples, rate, name, "LITTLE", "RAW")
        file.write(piece.getvalue())
        file.flush()

    return write


def check(form: str, subtype: str, *, streamed: bool = False) -> None:
    """Raises ValueError if the format is none of `FORMATS`, has no such subtype, or cannot be streamed."""
    if form not in FORMATS:
        raise ValueError(f"format: expected one of {', '.join(FORMATS)}, got {form!r}")
    if subtype not in SUBTYPES:
        raise ValueError(f"subtype: expected one of {', '.join(SUBTYPES)}, got {subtype!r}")
    if form == "flac" and subtype == "float":
        raise ValueError("format flac: expected subtype pcm16 or pcm24, got float")
    if form == "flac" and streamed:
        # Its header is written last.
        raise ValueError("format flac: expected a regular file, got a stream; take wav")


def library() -> Any:
    """The module soundfile; ImportError says how to install it."""
    try:
        import soundfile  # type: ignore[import-untyped]
    except ImportError as error:
        raise ImportError(
            "audio files need soundfile; install it with: pip install 'tfopt[audio]'"
        ) from error
    return soundfile


def _resampled(audio: Samples, given: int, rate: int) -> Samples:
    try:
        import soxr
    except ImportError as error:
        raise ImportError(
            f"audio at {given} Hz for a model at {rate} Hz needs soxr; "
            "install it with: pip install 'tfopt[audio]'"
        ) from error
    try:
        resampled: Samples = soxr.resample(audio, given, rate)
    except (RuntimeError, ValueError, MemoryError) as error:
        raise ValueError(f"cannot resample it from {given} to {rate} Hz: {error}") from error
    if not len(resampled):
        raise ValueError(f"expected audio, got less than a sample at {rate} Hz")
    return resampled


def _missing_bytes(file: IO[bytes]) -> int:
    """How many bytes fewer a WAV file has than its header says; libsndfile does not mind. 0 of others."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return 0
    place = 12
    while place + 8 <= size:
        file.seek(place)
        name, length = struct.unpack("<4sI", file.read(8))
        place += 8
        if name == b"data":
            return 0 if length >= _LEAST_UNKNOWN else max(place + length - size, 0)
        place += length + length % 2
    return 0


def _wav_header(rate: int, bits: int, *, is_float: bool) -> bytes:
    size = bits // 8
    kind = struct.pack("<HHIIHH", 3 if is_float else 1, 1, rate, rate * size, size, bits)
    chunks = b"fmt " + struct.pack("<I", len(kind)) + kind + b"data" + struct.pack("<I", _UNKNOWN)
    return b"RIFF" + struct.pack("<I", _UNKNOWN) + b"WAVE" + chunks
