"""The log-spectral distance between generated audio and the recording whose frames it was made of.

Both are cut into frames of the largest power of two samples within 50 ms (1,024 at 22.05 kHz), a quarter of
a frame apart, under a periodic Hann window. Of each frame and frequency the level is taken, 20 log10 of the
magnitude, where a sine of amplitude 1 has 0 dB; levels below -80 dB count as -80 dB. A frame's distance is
the root mean square of the differences over all frequencies, and the distance of two signals the mean over
frames. Phases are ignored: a vocoder that says the same with other phases is not wrong.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

LONGEST_FRAME_S = 0.05
FRAMES_OVERLAP = 4  # frames that each sample is in
FLOOR_DB = -80.0

# Frames transformed at once: bounds the memory to some MB, however long the audio.
_BLOCK = 512


def frame_distances(first: ArrayLike, second: ArrayLike, sample_rate: int) -> NDArray[np.float64]:
    """The distance of each frame of two signals.

    Args:
        first: Amplitudes, [samples].
        second: As many.
        sample_rate: In Hz.

    Returns:
        float64 [frames], in dB; at least one frame, for which zeros are put behind a signal shorter than one.

    Raises:
        ValueError: The signals are empty, or differ in length.
    """
    a, b = (np.asarray(signal, np.float64) for signal in (first, second))
    if a.ndim != 1 or not a.size or a.shape != b.shape:
        raise ValueError(
            "second: expected as many samples as first, at least one, "
            f"got {list(a.shape)} and {list(b.shape)}"
        )
    size = frame_size(sample_rate)
    hop = max(size // FRAMES_OVERLAP, 1)
    frames = [
        sliding_window_view(np.pad(x, (0, max(size - len(x), 0))), size)[::hop] for x in (a, b)
    ]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    result = np.empty(len(frames[0]))
    for start in range(0, len(result), _BLOCK):
        levels = [_levels(part[start : start + _BLOCK], window) for part in frames]
        difference = levels[0] - levels[1]
        result[start : start + _BLOCK] = np.sqrt((difference**2).mean(-1))
    return result


def frame_size(sample_rate: int) -> int:
    """Samples of a frame, at least 2."""
    return 1 << max(math.floor(math.log2(max(sample_rate * LONGEST_FRAME_S, 1))), 1)


def _levels(frames: NDArray[np.float64], window: NDArray[np.float64]) -> NDArray[np.float64]:
    """In dB, [frames, frequencies]."""
    magnitudes = np.abs(np.fft.rfft(frames * window)) / (window.sum() / 2)
    levels: NDArray[np.float64] = 20 * np.log10(np.maximum(magnitudes, 10 ** (FLOOR_DB / 20)))
    return levels
