"""Frames of the signals of a batch, of which each lies elsewhere in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfopt.generation.arguments import Array


@dataclass(frozen=True)
class Window:
    """Frames of a signal for each stream, and where the signal lies.

    Attributes:
        frames: [batch, n, channels]; zeros outside the signals.
        first: The number of the first of them.
        begins: For each stream the number of its signal's first frame, int64 [batch].
        ends: The number behind its last frame.
    """

    frames: Array
    first: int
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """A part of a signal.

    Attributes:
        signal: All of it, [frames, channels].
        begin: The part's first frame, which may lie outside.
    """

    signal: Array
    begin: int


def window(parts: Sequence[Part], first: int, end: int) -> Window:
    """Frames from `first` up to `end` of each part, counted from the part's first; both may lie outside."""
    frames = np.zeros([len(parts), end - first, parts[0].signal.shape[1]], np.float32)
    for row, part in zip(frames, parts, strict=True):
        there = part.signal[max(part.begin + first, 0) : max(part.begin + end, 0)]
        missing = max(-part.begin - first, 0)
        row[missing : missing + len(there)] = there
    begins = -np.array([part.begin for part in parts], np.int64)
    ends = begins + np.array([len(part.signal) for part in parts])
    return Window(frames, first, begins, ends)
