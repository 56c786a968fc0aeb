"""Words with the pronunciations that a dictionary lists, and how far others are from them.

The files are in the format of the CMU Pronouncing Dictionary: a word and its phonemes on each line, with
white space between them; further pronunciations as `WORD(1)`, `WORD(2)`, ...; comments behind `#`, and in
lines that begin with `;;;`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Phonemes = Sequence[str]
Listed = dict[str, list[list[str]]]

_VARIANT = re.compile(r"(.+)\(\d+\)")
_COMMENT = ";;;"


@dataclass(frozen=True)
class Errors:
    """What is wrong with what was said of some words.

    Attributes:
        words: How many there were.
        words_wrong: Of which no listed pronunciation was said.
        phonemes: Of the listed pronunciations that are nearest to what was said.
        phoneme_errors: Phonemes put in, left out or taken for others, against these.
    """

    words: int
    words_wrong: int
    phonemes: int
    phoneme_errors: int

    @property
    def of_words(self) -> float:
        """The word error rate."""
        return self.words_wrong / self.words

    @property
    def of_phonemes(self) -> float:
        """The phoneme error rate."""
        return self.phoneme_errors / self.phonemes


def read(path: Path) -> Listed:
    """Reads a dictionary.

    Returns:
        Every pronunciation of every word, in the order of the file; words in lower case.

    Raises:
        ValueError: The file cannot be read, is not in this format, or lists no word.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ValueError(f"{path}: cannot read it: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: expected UTF-8 text in CMUdict's format") from error
    return parse(text, str(path))


def parse(text: str, where: str) -> Listed:
    """As of `read`, of a dictionary's text; errors name `where`."""
    listed: Listed = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith(_COMMENT):
            continue
        # Only behind white space: #HASH-MARK is a word of old releases.
        word, *phonemes = re.split(r"\s#", line, maxsplit=1)[0].split() or [""]
        if not word:
            continue
        if not phonemes:
            raise ValueError(
                f"{where}, line {number}: expected a word and its phonemes, got {line[:60]!r}"
            )
        variant = _VARIANT.fullmatch(word)
        listed.setdefault((variant[1] if variant else word).lower(), []).append(phonemes)
    if not listed:
        raise ValueError(f"{where}: expected words with phonemes in CMUdict's format, found none")
    return listed


def without_stress(phonemes: Phonemes) -> list[str]:
    """Phonemes without the digits that say how vowels are stressed: `AH` of `AH0`."""
    return [phoneme.rstrip("0123456789") for phoneme in phonemes]


def count(
    listed: Mapping[str, Sequence[Phonemes]],
    said: Iterable[tuple[str, Phonemes]],
    *,
    stress: bool = True,
) -> Errors:
    """Counts the errors in what was said, against the nearest pronunciation that is listed.

    Args:
        listed: Of each word every pronunciation that is right.
        said: Words, and what was said of each.
        stress: Whether another stress is an error.
    """
    words = wrong = phonemes = errors = 0
    for word, given in said:
        rights: Sequence[Phonemes] = listed[word]
        if not stress:
            given, rights = without_stress(given), list(map(without_stress, rights))
        off, length = min((distance(given, right), len(right)) for right in rights)
        words, wrong = words + 1, wrong + (off > 0)
        phonemes, errors = phonemes + length, errors + off
    return Errors(words, wrong, phonemes, errors)


def distance(a: Phonemes, b: Phonemes) -> int:
    """The edit distance (Levenshtein): the fewest items to put in, leave out or replace to get equal ones."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]
