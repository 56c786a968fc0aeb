"""From what a caller passes as words, to a list of words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# A letter or digit, with combining accents that have no composed form.
_CHARACTER = r"(?:[^\W_]|[\u0300-\u036f])"
# Apostrophes belong to a word only inside it (don't), since quotation marks look the same.
_WORD = re.compile(rf"{_CHARACTER}+(?:['\u2019]{_CHARACTER}+)*")


def split(text: str) -> list[str]:
    """The words of a text, in order: runs of letters and digits, with apostrophes inside them."""
    return _WORD.findall(unicodedata.normalize("NFC", text))


def as_words(words: str | Sequence[str]) -> list[str]:
    """A list of words from a text or from a sequence of words.

    Raises:
        ValueError: `words` is neither, or an item of the sequence is not one word.
    """
    if isinstance(words, str):
        return split(words)
    if isinstance(words, (bytes, bytearray)) or not isinstance(words, Sequence):
        raise ValueError(
            f"words: expected a string or a sequence of strings, got {type(words).__name__}"
        )
    if _is_free_of_white_space(words):
        return list(words)
    for index, word in enumerate(words):
        if not isinstance(word, str):
            raise ValueError(f"words[{index}]: expected a string, got {type(word).__name__}")
        if len(word.split()) > 1:
            raise ValueError(
                f"words[{index}]: expected one word, got {word!r} with white space in it; "
                f"pass a text as one string, not in a list"
            )
    return [word.strip() for word in words]


def _is_free_of_white_space(words: Sequence[str]) -> bool:
    """Whether these are strings without white space: one look at all of them is faster than one at each."""
    try:
        text = "".join(words)
    except TypeError:
        return False
    return text.split(maxsplit=1) == [text]
