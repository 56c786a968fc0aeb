"""Reads what the scripts in `benchmarks/` write: error rates, and other code that does the same."""

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
    """Several programs that did the same.

    Attributes:
        unit: what they made: words, samples.
        count: how many of them at once.
        model: the model, where it is not the one that the programs come with.
        rates: units per second of each, slowest first.
    """

    unit: str
    count: int
    model: str
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
    """Reads what `g2p_en_numpy.py`, `wavenet_peers.py` and `wavernn_peers.py` of `benchmarks/` write."""
    top = Fields(content, where)
    unit = "words" if "words" in content else "samples"
    count, seconds = top.count(unit), top.object("seconds")
    model = top.text("model") if "model" in content else ""
    rates = {
        name: Figure.of([[count / value] for value in seconds.seconds_list(name)])
        for name in seconds.content
    }
    if len(rates) < 2:
        raise top.error("seconds", "two programs or more", list(rates))
    return Peers(unit, count, model, dict(sorted(rates.items(), key=lambda item: item[1].median)))
