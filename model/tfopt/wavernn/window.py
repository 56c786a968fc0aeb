"""Frames of the spectrograms of a batch, and what a network over them is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfopt.generation.arguments import Array


@dataclass(frozen=True)
class Window:
    """Frames of a spectrogram for each stream, and where the spectrogram lies, zeros around it included.

    Attributes:
        frames: [batch, n, mel_channels].
        first: The number of the first of them.
        begins: For each stream the number of its spectrogram's first frame, int64 [batch].
        ends: The number behind its last frame.
    """

    frames: Array
    first: int
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]


# The residual network over a window: its outputs for the frames from the first number given up to the second,
# [batch, frames, aux_parts * aux_channels].
MelResnet = Callable[[Window, int, int], Array]
