"""Frames that arrive in pieces, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import numpy as np

from tfopt.generation.arguments import Array

# Far more than a spectrogram says; sums of some thousand products with weights still fit into float32.
LARGEST = 1e30
BOUNDED = f"frames that condition samples on numbers up to {LARGEST:g}"

Piece = TypeVar("Piece")


def expect_bounded(argument: str, *upsampled: Array) -> None:
    """Raises ValueError, naming `argument`, if what became of finite frames is NaN, infinite or absurd.

    Backends would not agree on what to make of it: sums that overflow give NaN, and that any sample.
    """
    for rows in upsampled:
        largest = np.abs(rows).max(initial=0)
        if not largest <= LARGEST:
            raise ValueError(f"{argument}: expected {BOUNDED}, got {largest:g}")


class Frames:
    """A signal at the frame rate, of which only what is still needed is kept.

    Attributes:
        kept: [batch, frames, channels], from the frame `first` on.
        first: The number of the first frame kept.
        total: Frames that came so far.
        ended: Whether the last one came.
    """

    def __init__(self, argument: str, pieces: Iterator[Array]) -> None:
        """Takes the first piece at once; raises ValueError, naming `argument`, if there is none.

        Args:
            argument: What the user calls the pieces.
            pieces: [batch, frames, channels].
        """
        self._pieces = pieces
        first = next(pieces, None)
        if first is None:
            raise ValueError(f"{argument}: expected at least one piece, got none")
        self.kept, self.first = first, 0
        self.total: int = first.shape[1]
        self.ended = False

    def receive(self) -> None:
        """Waits for another piece, which may have no frames, or for the end."""
        piece = next(self._pieces, None)
        if piece is None:
            self.ended = True
            return
        self.kept = np.concatenate([self.kept, piece], axis=1)
        self.total += piece.shape[1]

    def drop(self, frame: int) -> None:
        """Frames before this one are needed no more."""
        self.kept, self.first = self.kept[:, frame - self.first :], frame


class ArrivingConditioning(Generic[Piece]):
    """The conditioning of streams that get their frames together, in order.

    Only those frames are kept that later samples need. A sample's conditioning is given as soon as all
    frames are there that it depends on.
    """

    def __init__(
        self,
        frames: Frames,
        ready: Callable[[Frames], int],
        compute: Callable[[Frames, int, int], Piece],
        first_frame: Callable[[int], int],
    ) -> None:
        """Starts at the first sample.

        Args:
            frames: What arrives.
            ready: The samples whose conditioning depends on no frame that is still to come.
            compute: The conditioning of some samples, given the first of them and how many they are.
            first_frame: The first frame that a sample and those behind it depend on.
        """
        self._frames = frames
        self._ready = ready
        self._compute = compute
        self._first_frame = first_frame
        self._given = 0  # samples

    def take(self, most: int) -> Piece | None:
        """That of the next samples: of some, at most `most`; None at the end. Waits for frames if need be."""
        frames = self._frames
        while not frames.ended and self._ready(frames) <= self._given:
            frames.receive()
        count = min(most, self._ready(frames) - self._given)
        if count <= 0:
            return None
        piece = self._compute(frames, self._given, count)
        self._given += count
        frames.drop(self._first_frame(self._given))
        return piece
