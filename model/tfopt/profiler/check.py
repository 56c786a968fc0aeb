"""Whether a backend says what the reference says. One that does not is refused: no figures.

Every output that a worker hands over is compared, those of the timed calls included. A difference
is let through only when the reference shows it to be a near-tie: at the first step where the two
part, the two logits are closer than rounding can explain.

With weights of fewer bits outputs differ, and what counts is by how much: the mean over all outputs of how
far the reference is from giving them, which is far from small if something else than precision is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class Reference(Protocol):
    """The slow, obvious implementation of a model."""

    def predict(self, words: Sequence[str]) -> list[list[str]]:
        """Returns the output for each word."""

    def difference(self, word: str, given: Sequence[str]) -> float:
        """Returns the relative gap of the logits where `given` leaves the reference's path."""


# The largest mean distance of outputs with weights of fewer bits. Networks with random weights come to 0.001
# in int8; samples in a wrong order come to 0.1 and more.
LARGEST_DISTANCE = 0.01


class OutputDiffersError(Exception):
    """An output differs from the reference's, and rounding does not explain it."""


@dataclass
class CheckReport:
    """What was compared for one rung.

    Attributes:
        exact: whether outputs have to be the reference's, as those of float32 do.
        compared: outputs compared, over all calls.
        items: distinct items among them.
        near_ties: item: relative gap of its logits, for each difference that is a near-tie.
        different: if not exact, outputs that are neither the reference's nor near-ties.
        distance: the sum of how far the reference is from giving each of these, 1 at most.
    """

    exact: bool = True
    compared: int = 0
    items: set[str] = field(default_factory=set)
    near_ties: dict[str, float] = field(default_factory=dict)
    different: int = 0
    distance: float = 0.0

    def tolerate(self, gap: float) -> None:
        """Counts an output that the reference is this far from giving."""
        self.different += 1
        self.distance += min(gap, 1.0)

    def expect_near(self) -> None:
        """Raises OutputDiffersError if outputs are too far from the reference's for fewer bits to explain.

        For the end, when all are compared: the mean of a few says little.
        """
        mean = self.distance / max(self.compared, 1)
        if mean > LARGEST_DISTANCE:
            raise OutputDiffersError(
                f"{self.different} of {self.compared} outputs differ from the reference, by {mean:.2g} on "
                f"average over all; expected at most {LARGEST_DISTANCE:g}"
            )

    def as_json(self) -> dict[str, Any]:
        """Returns the report ready for JSON."""
        tolerated = {
            "different": self.different,
            "mean_distance": self.distance / max(self.compared, 1),
        }
        return {
            "outputs_compared": self.compared,
            "distinct_items": len(self.items),
            "near_ties": dict(sorted(self.near_ties.items())),
            **({} if self.exact else tolerated),
        }


class Checker:
    """Compares outputs with a reference, whose outputs are computed once per word."""

    def __init__(self, reference: Reference, near_tie: float) -> None:
        """Takes the reference and the relative gap of logits below which a difference is a tie."""
        self._reference = reference
        self._near_tie = near_tie
        self._expected: dict[str, list[str]] = {}

    def prepare(self, words: Iterable[str]) -> None:
        """Computes the reference's outputs, so that no time goes into them between timings."""
        missing = [word for word in dict.fromkeys(words) if word not in self._expected]
        self._expected.update(zip(missing, self._reference.predict(missing), strict=True))

    def check(self, words: Sequence[str], results: Any, report: CheckReport) -> None:
        """Compares a worker's results and adds to the report.

        Args:
            words: the words of one call.
            results: a list of results, each with one output for each word.
            report: the backend's report.

        Raises:
            OutputDiffersError: the first word that differs, with both outputs, and how many do.
        """
        self.prepare(words)
        if not isinstance(results, list) or not results:
            raise OutputDiffersError(f"no outputs for {len(words)} words")
        for outputs in results:
            if not isinstance(outputs, list) or len(outputs) != len(words):
                count = len(outputs) if isinstance(outputs, list) else "no"
                raise OutputDiffersError(f"{count} outputs for {len(words)} words")
            wrong = [
                (word, given)
                for word, given in zip(words, outputs, strict=True)
                if given != self._expected[word] and not self._is_let_through(word, given, report)
            ]
            report.compared += len(words)
            report.items.update(words)
            if wrong:
                raise OutputDiffersError(self._describe(wrong, len(words)))

    def _is_let_through(self, word: str, given: Any, report: CheckReport) -> bool:
        if not isinstance(given, list) or not all(isinstance(part, str) for part in given):
            return False
        gap = self._reference.difference(word, given)
        if gap < self._near_tie:
            report.near_ties[word] = gap
        elif report.exact:
            return False
        else:
            report.tolerate(gap)
        return True

    def _describe(self, wrong: list[tuple[str, Any]], total: int) -> str:
        word, given = wrong[0]
        said = " ".join(map(str, given)) if isinstance(given, list) else repr(given)
        return (
            f"{len(wrong)} of {total} words differ from the reference: {word!r} gave "
            f"{said[:60] or 'nothing'}, expected {' '.join(self._expected[word]) or 'nothing'}"
        )
