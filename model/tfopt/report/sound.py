"""Reads an audio file: 16-bit audio for the page's player, its envelope and its spectrogram."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Of longer files only the beginning is shown, or the page would grow without end.
LONGEST_S = 30.0
# dB below the loudest spot that a spectrogram shows.
RANGE_DB = 80
_COLUMNS, _ROWS = 600, 160
_WINDOW_S = 0.03
_LONGEST_CAPTION = 2000

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Clip:
    """What is shown of an audio file.

    Attributes:
        name: of the file.
        caption: what the text file beside it says.
        rate: samples a second.
        channels: of the audio; envelope and spectrogram show their mean.
        total_s: length of the file.
        seconds: length of what is shown.
        flac: that part, 16 bits a sample.
        envelope: lowest and highest sample of equal parts, int16 [2, columns].
        spectrogram: power in dB relative to the loudest spot, int8 [rows, columns]; the rows go from 0 to
            half the rate.
    """

    name: str
    caption: str
    rate: int
    channels: int
    total_s: float
    seconds: float
    flac: bytes
    envelope: NDArray[np.int16]
    spectrogram: NDArray[np.int8]


def read(path: Path) -> Clip:
    """Reads a WAV or FLAC file.

    Raises:
        ValueError: soundfile is missing, or the file cannot be read, is empty or holds no finite numbers.
    """
    try:
        import soundfile  # type: ignore[import-untyped]
    except ImportError as error:
        raise ValueError("audio needs soundfile: pip install 'tfopt[audio]'") from error
    try:
        with soundfile.SoundFile(path) as file:
            rate, frames = file.samplerate, file.frames
            audio = file.read(int(LONGEST_S * rate), dtype="float32", always_2d=True)
        if not audio.size or not np.isfinite(audio).all():
            raise ValueError("NaN or infinity" if audio.size else "there is none")
        encoded = io.BytesIO()
        soundfile.write(encoded, audio, rate, format="FLAC", subtype="PCM_16")
    except (OSError, RuntimeError, ValueError) as error:
        raise ValueError(f"cannot read it as audio: {error}") from error
    mono = audio.mean(axis=1)
    return Clip(
        name=path.name,
        caption=_caption(path),
        rate=rate,
        channels=audio.shape[1],
        total_s=frames / rate,
        seconds=len(audio) / rate,
        flac=encoded.getvalue(),
        envelope=envelope(mono),
        spectrogram=spectrogram(mono, rate),
    )


def envelope(samples: Samples) -> NDArray[np.int16]:
    """Returns the lowest and the highest sample of up to 600 equal parts, int16 [2, columns]."""
    starts = _starts(len(samples), _COLUMNS)
    ends = np.stack([np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)])
    found: NDArray[np.int16] = np.round(np.clip(ends, -1, 1) * 32767).astype(np.int16)
    return found


def spectrogram(samples: Samples, rate: int) -> NDArray[np.int8]:
    """Returns the power over frequency and time, at most 160 x 600, in dB relative to the highest.

    Hann windows of about 30 ms that overlap by three quarters; neighbours in time and in frequency are
    averaged to what a page can show.

    Args:
        samples: float32 [time].
        rate: samples a second.
    """
    window = 2 ** max(5, round(math.log2(_WINDOW_S * rate)))
    padded = np.pad(samples, (0, max(0, window - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[:: window // 4]
    shape = np.hanning(window + 1)[:-1].astype(np.float32)
    starts = _starts(len(frames), _COLUMNS)
    bins = window // 2 + 1
    power = np.empty((bins, len(starts)))
    for column, (start, end) in enumerate(zip(starts, [*starts[1:], len(frames)], strict=True)):
        spectrum = np.fft.rfft(frames[start:end] * shape, axis=1)
        power[:, column] = (spectrum.real**2 + spectrum.imag**2).mean(axis=0)
    rows = _starts(bins, _ROWS)
    power = np.add.reduceat(power, rows, axis=0) / np.diff([*rows, bins])[:, None]
    with np.errstate(divide="ignore"):
        decibels = 10 * np.log10(power / (power.max() or 1.0))
    found: NDArray[np.int8] = np.round(np.clip(decibels, -RANGE_DB, 0)).astype(np.int8)
    return found


def _starts(count: int, parts: int) -> NDArray[np.intp]:
    """Returns where up to so many equal parts begin."""
    parts = min(count, parts)
    return np.arange(parts) * count // parts


def _caption(path: Path) -> str:
    """Returns what the text file of the same name says; nothing if there is none."""
    try:
        text = path.with_suffix(".txt").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
    return text if len(text) <= _LONGEST_CAPTION else text[:_LONGEST_CAPTION] + " …"
