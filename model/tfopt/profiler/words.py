"""The words to measure with: the list that comes with the package, or the user's own file."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

_WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*'?")


@dataclass(frozen=True)
class WordList:
    """A list of words and where it came from.

    Attributes:
        name: file name, without its directory.
        words: the words in the file's order.
    """

    name: str
    words: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Tells whether two runs used the same words."""
        return digest(self.words)

    def shuffled(self, seed: int) -> list[str]:
        """Returns all words in an order that depends on the seed alone."""
        return random.Random(seed).sample(self.words, len(self.words))  # noqa: S311


def digest(words: Sequence[str]) -> str:
    """Returns the SHA-256 of words in their order, in hexadecimal."""
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def builtin() -> WordList:
    """Returns the package's list: 2,048 words of CMUdict."""
    text = resources.files("tfopt.profiler").joinpath("words.txt").read_text(encoding="utf-8")
    return WordList("words.txt", tuple(_words(text, "words.txt")))


def read(path: Path) -> WordList:
    """Reads a file with one word a line; empty lines and lines that start with # are skipped.

    Raises:
        ValueError: the file cannot be read, holds no words, or a line is not one word of letters
            and apostrophes.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{path}: cannot read it: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: expected UTF-8 text, one word a line") from error
    words = _words(text, str(path))
    if not words:
        raise ValueError(f"{path}: expected one word a line, found no words")
    return WordList(path.name, tuple(words))


def cycled(words: Sequence[str], count: int) -> list[str]:
    """Returns the first `count` words, starting over when there are fewer."""
    return [words[index % len(words)] for index in range(count)]


def _words(text: str, name: str) -> list[str]:
    words = []
    for number, line in enumerate(text.splitlines(), start=1):
        word = line.strip()
        if not word or word.startswith("#"):
            continue
        if not _WORD.fullmatch(word):
            raise ValueError(
                f"{name}, line {number}: expected one word of letters a to z, got {word[:40]!r}"
            )
        words.append(word)
    return words
