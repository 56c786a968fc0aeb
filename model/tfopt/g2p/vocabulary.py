"""Characters to grapheme ids, and phoneme ids to phonemes.

Every character is mapped on its own, through a table indexed by its code point. The table is what an
exported graph holds too, so that both read a word alike.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

# Latin, Greek, Cyrillic and the other alphabets up to Greek Extended stand below this, and all white space;
# a character from here on is unknown to every table.
TABLE_SIZE = 0x3002
DROPPED = -1


@dataclass(frozen=True)
class Vocabulary:
    """The ids of a model's symbols.

    Attributes:
        letters: Grapheme id of each lower-case letter.
        phonemes: The phoneme of each id.
        unknown_grapheme: The id of a character that is not in `letters`.
        end_grapheme: The id that follows a word.
        start_phoneme: The id that starts the decoder.
        end_phoneme: The id that ends a pronunciation.
        max_graphemes: Longest encoded word, with its end mark; 0 means no limit.
        table: Grapheme id by code point, int32 [TABLE_SIZE]; DROPPED for combining marks and white space. The
            last entry stands for every code point that is larger.
        phoneme_names: `phonemes` as an array of objects, which is indexed by many ids at a time.
    """

    letters: Mapping[str, int]
    phonemes: Sequence[str]
    unknown_grapheme: int
    end_grapheme: int
    start_phoneme: int
    end_phoneme: int
    max_graphemes: int
    table: NDArray[np.int32] = field(init=False)
    phoneme_names: NDArray[np.object_] = field(init=False, repr=False, compare=False)
    # The table as a list: for the few characters of a word faster than NumPy.
    _entries: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        table = np.full(TABLE_SIZE, self.unknown_grapheme, np.int32)
        for code in range(TABLE_SIZE - 1):
            table[code] = self._id(chr(code))
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "phoneme_names", np.array(self.phonemes, object))
        object.__setattr__(self, "_entries", table.tolist())

    def _id(self, character: str) -> int:
        """The entry of one character: its own letter in lower case, else that of its base letter (É: e)."""
        lower = character.lower()
        if lower in self.letters:
            return self.letters[lower]
        parts = unicodedata.normalize("NFD", character)
        base = "".join(c for c in parts if unicodedata.category(c) != "Mn").lower().strip()
        return self.letters.get(base, self.unknown_grapheme) if base else DROPPED

    def encode(self, word: str) -> NDArray[np.int32]:
        """The ids that the encoder reads for one word, int32 [graphemes], its end mark included.

        A word without any letter has no pronunciation and gives an empty array.
        """
        entries = self._entries
        ids = [entries[min(ord(character), TABLE_SIZE - 1)] for character in word]
        if DROPPED in ids:
            ids = [index for index in ids if index != DROPPED]
        if ids.count(self.unknown_grapheme) == len(ids):
            return np.empty(0, np.int32)
        ids.append(self.end_grapheme)
        return np.array(ids[: self.max_graphemes or None], np.int32)

    def decode(self, ids: Iterable[int]) -> list[str]:
        """The phonemes before the first end mark."""
        phonemes = []
        for index in ids:
            if index == self.end_phoneme:
                break
            phonemes.append(self.phonemes[index])
        return phonemes

    def phoneme_ids(self, phonemes: Sequence[str]) -> list[int]:
        """The ids of phonemes; raises ValueError for one that the model does not have."""
        unknown = sorted({str(p) for p in phonemes} - set(self.phonemes))
        if unknown:
            raise ValueError(f"phonemes: expected symbols of the model's vocabulary, got {unknown}")
        return [self.phonemes.index(p) for p in phonemes]


def pad(words: Sequence[NDArray[np.int32]]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Puts encoded words into one batch.

    Returns:
        ids: int32 [batch, longest], zeros after each word's end.
        lengths: int32 [batch].
    """
    lengths = np.array([len(word) for word in words], np.int32)
    ids = np.zeros((len(words), int(lengths.max(initial=0))), np.int32)
    for row, word in zip(ids, words, strict=True):
        row[: len(word)] = word
    return ids, lengths
