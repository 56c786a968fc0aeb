"""Grapheme-to-phoneme models: an item is a word, and so is a unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfopt import g2p
from tfopt.g2p import reference
from tfopt.g2p.config import read
from tfopt.profiler import check, words
from tfopt.profiler.kinds import Items, Model, Pace, Timing, Wishes
from tfopt.profiler.plan import FEWEST_WORDS, Plan

# The check compares at least this many words, whatever the user's word list.
_ENOUGH_WORDS = 256


def model(directory: Path, wishes: Wishes) -> Model:
    """Returns what to measure of a model directory."""
    drawn = tuple(wishes.word_list.shuffled(wishes.seed))
    spare = words.builtin().shuffled(wishes.seed) if len(drawn) < _ENOUGH_WORDS else []
    source = {
        "from": wishes.word_list.name,
        "count": len(drawn),
        "sha256": wishes.word_list.sha256,
    }
    check_words = tuple(dict.fromkeys([*drawn, *spare]))
    config, _ = read(directory)
    rungs = wishes.rungs(g2p.BACKENDS, config.quantization)
    return Model("word", rungs, WordCourse(drawn, check_words, wishes.plan, source))


def checker(directory: Path) -> check.Checker:
    """Returns the checker of a model directory."""
    return check.Checker(reference.load(directory), reference.NEAR_TIE)


@dataclass(frozen=True)
class WordCourse:
    """Words one at a time, the same for all rungs; batches that a slow rung gets smaller.

    Attributes:
        words: words to draw from, already in random order.
        check_words: words for the check; more than the above where those are too few.
        plan: how much to do.
        source: where the words come from.
    """

    words: Sequence[str]
    check_words: Sequence[str]
    plan: Plan
    source: dict[str, Any]

    def adapted(self, backend: str) -> WordCourse:
        """Returns the same course: all backends get the same words."""
        return self

    @property
    def batch(self) -> int:
        """Words in a batch, as asked for."""
        return self.plan.batch

    def known(self) -> Items:
        """Returns the words of the check, of the largest batch, and of its warm-up."""
        return [*self.words[: 2 * self.plan.batch], *self.check_words[: self.plan.check]]

    def first(self) -> Items:
        """Returns one word that is not timed alone, as far as there is one."""
        return self._untimed(self.plan.words, 1)

    def calibrate(self, timing: Timing) -> Pace:
        """Has the outputs checked, and each kind of call warmed up and timed.

        Batches of the rounds' size and words alone come before the rounds, but not the words that
        are timed: a backend that compiles anew for what it has not seen is to show it. The second
        of two calls tells what one costs.
        """
        words_to_check = list(self.check_words[: self.plan.check])
        seconds = _second(timing, "batches", words_to_check) / len(words_to_check)
        size = self.plan.fitted_batch(seconds)
        rehearsal = self._untimed(size, size)
        batch_s = _second(timing, "batches", rehearsal)
        probe = self._untimed(self.plan.words, FEWEST_WORDS)
        unit_s = _second(timing, "singles", probe) / len(probe)
        return Pace(words.cycled(self.words, size), batch_s, unit_s, rehearsal)

    def singles(self, slowest: float) -> Items:
        """Returns the words timed alone: fewer if the slowest rung is very slow."""
        return words.cycled(self.words, self.plan.fitted_words(slowest))

    def fitted(self, items: Items, pace: Pace) -> Items:
        """Returns the same words: medians over different ones could not be compared."""
        return items

    def units(self, item: Any) -> int:
        """Returns 1."""
        return 1

    def digest(self, items: Items) -> str:
        """Returns the hash of the words in their order."""
        return words.digest(items)

    def _untimed(self, timed: int, count: int) -> Items:
        """Returns words that are not among the `timed` first, as far as there are any."""
        return words.cycled(self.words[timed:] or self.words, count)


def _second(timing: Timing, command: str, items: Items) -> float:
    timing(command, items)
    return timing(command, items)
