"""Conditioning on its way to a backend: a row for every step, in pieces, as frames arrive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from tfopt.generation.arguments import Array
from tfopt.generation.conditioning import Frames, expect_bounded
from tfopt.generation.upsampling import Upsampling


class Rows(Protocol):
    """Conditioning at the sample rate."""

    def take(self, most: int) -> Array:
        """The next rows, [batch, n, local_channels]: some, at most `most`; none at the end."""
        ...


class NoRows:
    """What a model without local conditioning gets: rows without columns, as many as it wants."""

    def __init__(self, batch: int) -> None:
        self._batch = batch

    def take(self, most: int) -> Array:
        """`most` rows."""
        return np.zeros([self._batch, most, 0], np.float32)


class UpsampledRows:
    """Frames, upsampled piece by piece. The first piece is taken at once.

    Only those frames are kept that later rows need. A row is given as soon as all frames are there that
    it depends on: each stage of the upsampling network looks one of its frames ahead.
    """

    def __init__(self, upsampling: Upsampling, chunks: Iterator[Array]) -> None:
        self._upsampling = upsampling
        self._frames = Frames("conditioning_chunks", chunks)
        self._given = 0  # rows

    def take(self, most: int) -> Array:
        """The next rows; waits for frames if none is ready."""
        upsampling, frames = self._upsampling, self._frames
        while not frames.ended and upsampling.ready(frames.total) <= self._given:
            frames.receive()
        ready = upsampling.ready(frames.total)
        if frames.ended:
            ready = frames.total * upsampling.hop_length
        count = min(most, ready - self._given)
        if not count:
            return np.zeros([len(frames.kept), 0, frames.kept.shape[2]], np.float32)
        rows: Array = upsampling.compute(
            frames.kept, frames.first, frames.total, self._given, count
        ).numpy()
        expect_bounded("conditioning", rows)
        self._given += count
        frames.drop(upsampling.first_frame(self._given))
        return rows
