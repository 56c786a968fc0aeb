"""Conditioning on its way to a backend: a row for every step, in pieces, as frames arrive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from tfopt.generation.arguments import Array
from tfopt.generation.conditioning import ArrivingConditioning, Frames, expect_bounded
from tfopt.generation.upsampling import Upsampling


class Rows(Protocol):
    """Conditioning at the sample rate."""

    def take(self, most: int) -> Array | None:
        """The next rows, [batch, n, local_channels]: some, at most `most`; None at the end."""
        ...


class NoRows:
    """What a model without local conditioning gets: rows without columns, as many as it wants."""

    def __init__(self, batch: int) -> None:
        self._batch = batch

    def take(self, most: int) -> Array:
        """`most` rows."""
        return np.zeros([self._batch, most, 0], np.float32)


def upsampled(upsampling: Upsampling, chunks: Iterator[Array]) -> Rows:
    """Frames, [batch, frames, local_channels], upsampled piece by piece. The first piece is taken at once.

    Each stage of the upsampling network looks one of its frames ahead.
    """

    def ready(frames: Frames) -> int:
        if frames.ended:
            return frames.total * upsampling.hop_length
        return upsampling.ready(frames.total)

    def compute(frames: Frames, start: int, count: int) -> Array:
        rows: Array = upsampling.compute(
            frames.kept, frames.first, frames.total, start, count
        ).numpy()
        expect_bounded("conditioning", rows)
        return rows

    frames = Frames("conditioning_chunks", chunks)
    return ArrivingConditioning(frames, ready, compute, upsampling.first_frame)
