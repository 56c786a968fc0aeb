"""Many words at a time: to grapheme ids, into batches, and phoneme ids back to phonemes.

Says what `Vocabulary.encode` and `Vocabulary.decode` say of one word, in a few NumPy calls for all of them:
where an op pronounces a word in twenty microseconds, loops in Python would add five.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfopt.g2p.vocabulary import DROPPED, TABLE_SIZE, Vocabulary

Ids = NDArray[np.int32]
Places = NDArray[np.intp]

# As many words as are faster together than one at a time, which the NumPy calls take as long as.
MANY = 24
# Graphemes for each word of a full batch, padding included, that one batch may hold: bounds the memory when
# a word is very long.
GRAPHEMES = 64


@dataclass(frozen=True)
class EncodedWords:
    """The ids that the encoder reads, of all words one after the other.

    Attributes:
        ids: [graphemes].
        starts: [words]: where each begins.
        lengths: [words], end marks included; 0 for a word that has no pronunciation.
    """

    ids: Ids
    starts: Places
    lengths: Places

    def batches(self, size: int) -> Iterator[Places]:
        """Numbers of at most `size` words to decode together: of similar length, empty words left out."""
        order = np.argsort(self.lengths, kind="stable")
        order = order[np.count_nonzero(self.lengths == 0) :]
        while len(order):
            longest = self.lengths[order[:size]]  # of the first word, the first two, …
            graphemes = np.arange(1, len(longest) + 1) * longest
            fits = graphemes <= np.maximum(size * GRAPHEMES, longest)
            count = len(fits) if fits.all() else int(fits.argmin())
            yield order[:count]
            order = order[count:]

    def padded(self, words: Places) -> tuple[Ids, Ids]:
        """Some of the words as one batch.

        Returns:
            ids: [batch, longest], zeros after each word's end.
            lengths: [batch].
        """
        lengths = self.lengths[words]
        places = np.arange(lengths.max(initial=0))
        inside = places < lengths[:, np.newaxis]
        ids = np.zeros(inside.shape, np.int32)
        ids[inside] = self.ids[(self.starts[words][:, np.newaxis] + places)[inside]]
        return ids, lengths.astype(np.int32)


def encode(vocabulary: Vocabulary, words: Sequence[str]) -> EncodedWords:
    """All words as ids."""
    codes = np.frombuffer("".join(words).encode("utf-32-le", "surrogatepass"), "<u4")
    letters = vocabulary.table[np.minimum(codes, TABLE_SIZE - 1)]
    lengths = np.fromiter(map(len, words), np.intp, len(words))
    kept = letters != DROPPED
    if not kept.all():
        lengths = _counts(kept, lengths)
        letters = letters[kept]
    pronounced = lengths > 0
    known = letters != vocabulary.unknown_grapheme
    if not known.all():
        pronounced = _counts(known, lengths) > 0
    ends = np.cumsum(lengths)
    ids = np.insert(letters, ends, vocabulary.end_grapheme)
    starts = ends - lengths + np.arange(len(words))
    lengths = np.minimum(lengths + 1, vocabulary.max_graphemes or len(ids))
    return EncodedWords(ids, starts, np.where(pronounced, lengths, 0))


def _counts(wanted: NDArray[np.bool_], lengths: Places) -> Places:
    """How many letters of each word are wanted, [words]."""
    before = np.concatenate([[0], np.cumsum(wanted)])
    ends = np.cumsum(lengths)
    counts: Places = before[ends] - before[ends - lengths]
    return counts


def decode(vocabulary: Vocabulary, ids: Ids) -> list[list[str]]:
    """The phonemes of each row of [words, steps] before its first end mark."""
    ended = ids == vocabulary.end_phoneme
    written = np.logical_not(np.logical_or.accumulate(ended, axis=1))
    ends = np.cumsum(written.sum(axis=1)).tolist()
    phonemes = vocabulary.phoneme_names[ids[written]].tolist()
    return [phonemes[start:end] for start, end in zip([0, *ends], ends, strict=False)]
