"""One long utterance as several short ones, generated side by side and cross-faded.

As fatchord/WaveRNN does in its batched mode. A piece is `target` samples with `overlap` more on each side,
which it shares with its neighbours:

    piece 0    0 ────────────────────── target + 2 overlap
    piece 1            target + overlap ────────────────────── …

Every piece begins with a network that has heard nothing. The first half of what it shares with the piece
before is its time to settle, and is dropped; over the second half it takes over, at equal power, since two
pieces that draw independently add as noises do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt.generation.arguments import Array


@dataclass(frozen=True)
class Piece:
    """A part of an utterance that is generated as a stream of its own.

    Attributes:
        begin: Its first sample.
        end: The sample behind its last.
        share: Samples up to the next piece's begin; of the last piece all. Shares add up to the utterance.
        draws_from: Its first sample draws the random numbers of this time, and so on: pieces draw as if they
            stood one behind the other, so that none draws what another has drawn.
    """

    begin: int
    end: int
    share: int
    draws_from: int


def whole(time: int) -> list[Piece]:
    """An utterance that is not folded."""
    return [Piece(0, time, time, 0)]


@dataclass(frozen=True)
class Fold:
    """Where pieces begin and how they overlap, in samples.

    Attributes:
        target: Samples that a piece has for itself.
        overlap: Samples that it shares with each neighbour.
    """

    target: int
    overlap: int

    @property
    def period(self) -> int:
        """Samples from one piece's begin to the next one's."""
        return self.target + self.overlap

    @property
    def length(self) -> int:
        """Samples of a piece, but the last, which ends with the utterance."""
        return self.period + self.overlap

    def pieces(self, time: int) -> list[Piece]:
        """The pieces of `time` samples; if there are several, each is longer than `overlap`."""
        last = max(0, -(-(time - self.overlap) // self.period) - 1)
        pieces = [
            Piece(begin, begin + self.length, self.period, i * self.length)
            for i, begin in enumerate(range(0, last * self.period, self.period))
        ]
        begin = last * self.period
        return [*pieces, Piece(begin, time, time - begin, last * self.length)]

    def join(self, pieces: Sequence[Array]) -> Array:
        """The utterance whose pieces these are, each [time]; clipped to [-1, 1], which a sum may leave."""
        time = (len(pieces) - 1) * self.period + len(pieces[-1])
        fade_in, fade_out = self._fades()
        result = np.zeros(time)
        for i, piece in enumerate(pieces):
            gains = np.ones(len(piece))
            if i:
                gains[: self.overlap] = fade_in
            if i + 1 < len(pieces):
                gains[self.period :] = fade_out
            result[i * self.period : i * self.period + len(piece)] += gains * piece
        return np.clip(result, -1, 1).astype(np.float32)

    def _fades(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The gains of a piece in what it shares with the one before, and with the one behind."""
        silent = self.overlap // 2
        place = np.linspace(-1, 1, self.overlap - silent)
        fade_in = np.concatenate([np.zeros(silent), np.sqrt((1 + place) / 2)])
        fade_out = np.concatenate([np.ones(silent), np.sqrt((1 - place) / 2)])
        return fade_in, fade_out


def checked(fold: Any, hop_length: int) -> Fold:
    """The argument `fold`; the target is rounded up so that pieces begin with a frame.

    Raises:
        ValueError: It is not (target, overlap), integers, 0 <= overlap <= target, 1 <= target.
    """
    pair: list[Any] = list(fold) if isinstance(fold, (tuple, list)) else []
    integers = all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in pair)
    if len(pair) != 2 or not integers:
        raise ValueError(f"fold: expected (target, overlap), two integers, got {fold!r}")
    target, overlap = map(int, pair)
    if target < 1 or not 0 <= overlap <= target:
        raise ValueError(f"fold: expected 1 <= target and 0 <= overlap <= target, got {fold!r}")
    return Fold(target + -(target + overlap) % hop_length, overlap)
