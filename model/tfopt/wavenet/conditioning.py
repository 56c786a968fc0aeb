"""Conditioning on its way to a backend: a row for every step, in pieces, as frames arrive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from tfopt.wavenet.arguments import Array
from tfopt.wavenet.upsampling import Upsampling


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
        self._chunks = chunks
        first = next(chunks, None)
        if first is None:
            raise ValueError("conditioning_chunks: expected at least one piece, got none")
        self._kept = first  # [batch, frames, channels], from frame `first` on
        self._first = 0
        self._total = first.shape[1]  # frames that came so far
        self._ended = False
        self._given = 0  # rows

    def take(self, most: int) -> Array:
        """The next rows; waits for frames if none is ready."""
        while not self._ended and self._upsampling.ready(self._total) <= self._given:
            self._receive()
        upsampling = self._upsampling
        ready = upsampling.ready(self._total)
        if self._ended:
            ready = self._total * upsampling.hop_length
        count = min(most, ready - self._given)
        if not count:
            return np.zeros([len(self._kept), 0, self._kept.shape[2]], np.float32)
        rows: Array = upsampling.compute(
            self._kept, self._first, self._total, self._given, count
        ).numpy()
        self._given += count
        needed = upsampling.first_frame(self._given)
        self._kept, self._first = self._kept[:, needed - self._first :], needed
        return rows

    def _receive(self) -> None:
        frames = next(self._chunks, None)
        if frames is None:
            self._ended = True
            return
        self._kept = np.concatenate([self._kept, frames], axis=1)
        self._total += frames.shape[1]
