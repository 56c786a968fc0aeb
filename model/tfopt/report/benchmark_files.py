"""Reads what the scripts in `benchmarks/` write: error rates, and other code on the same words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tfopt.profiler.fields import Fields
from tfopt.profiler.statistics import Figure


@dataclass(frozen=True)
class ErrorRate:
    """How often a g2p model errs, on how many words."""

    model: str
    words: int
    of_words: float
    of_phonemes: float


@dataclass(frozen=True)
class ErrorRates:
    """The models of one file."""

    models: tuple[ErrorRate, ...]


@dataclass(frozen=True)
class Peers:
    """Several programs on the same words.

    Attributes:
        words: how many.
        rates: words per second of each, slowest first.
    """

    words: int
    rates: dict[str, Figure]


def read_error_rates(content: list[Any], where: str) -> ErrorRates:
    """Reads what `benchmarks/g2p_error_rate.py` writes."""
    rows = Fields({"models": content}, where).objects("models")
    return ErrorRates(tuple(map(_error_rate, rows)))


def _error_rate(row: Fields) -> ErrorRate:
    words, phonemes = row.count("words"), row.count("phonemes")
    wrong, errors = _count(row, "words_wrong"), _count(row, "phoneme_errors")
    if wrong > words:
        raise row.error("words_wrong", f"at most {words}", wrong)
    return ErrorRate(row.text("model"), words, wrong / words, errors / phonemes)


def _count(row: Fields, name: str) -> int:
    """Returns a whole number, 0 or more."""
    return 0 if row.get(name) == 0 else row.count(name)


def read_peers(content: dict[str, Any], where: str) -> Peers:
    """Reads what `benchmarks/g2p_en_numpy.py` writes."""
    top = Fields(content, where)
    words, seconds = top.count("words"), top.object("seconds")
    rates = {
        name: Figure.of([[words / value] for value in seconds.seconds_list(name)])
        for name in seconds.content
    }
    if len(rates) < 2:
        raise top.error("seconds", "two programs or more", list(rates))
    return Peers(words, dict(sorted(rates.items(), key=lambda item: item[1].median)))
