"""Whether a backend draws the samples that the reference draws.

The reference is fed the samples that were given, and must draw each next one from them, with the same random
numbers. So every sample is judged, those after a near-tie too, where the streams part for good.

With weights of fewer bits it would draw many a sample otherwise, from a distribution that is a little
another. Then the mean of how far each random number is from those that give the sample is what counts: it is
at most the distance of the two cumulative distributions.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tfopt.profiler import audio
from tfopt.profiler.check import CheckReport, OutputDiffersError
from tfopt.reference_sampling import NEAR_TIE


class Judge(Protocol):
    """A model's reference."""

    @property
    def classes(self) -> int:
        """Values that a sample can have, from 0 on; 0 if it is an amplitude."""

    def differences(self, item: audio.Stream, given: list[float]) -> NDArray[np.float64]:
        """Returns for each sample how far the reference is from drawing it after those before it.

        0 where it draws the same, less than `NEAR_TIE` where rounding can explain the difference.
        """


@dataclass
class _Judged:
    """A stream's samples, and how far the reference is from drawing those that it would not draw."""

    samples: list[float]
    gaps: dict[int, float] = field(default_factory=dict)


class SampleChecker:
    """Compares streams with a reference. A stream that is the beginning of one judged costs nothing."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._judged: dict[tuple[str, int], list[_Judged]] = {}

    def prepare(self, items: list[audio.Stream]) -> None:
        """Does nothing: how long the streams get depends on the backends, and each is judged once."""

    def check(self, items: list[audio.Stream], results: Any, report: CheckReport) -> None:
        """Compares a worker's results and adds to the report.

        Args:
            items: the streams of one call.
            results: a list of results, each with a list of samples for each stream: class numbers of a
                categorical output, else amplitudes.
            report: the backend's report.

        Raises:
            OutputDiffersError: the first sample that the reference would not draw.
        """
        if not isinstance(results, list) or not results:
            raise OutputDiffersError(f"no outputs for {len(items)} streams")
        for outputs in results:
            if not isinstance(outputs, list) or len(outputs) != len(items):
                count = len(outputs) if isinstance(outputs, list) else "no"
                raise OutputDiffersError(f"{count} outputs for {len(items)} streams")
            for item, given in zip(items, outputs, strict=True):
                self._check_stream(item, given, report)

    def _check_stream(self, item: audio.Stream, given: Any, report: CheckReport) -> None:
        name, count = audio.identity(item), item["samples"]
        if not isinstance(given, list) or not all(map(self._is_sample, given)):
            raise OutputDiffersError(f"{name}: expected a list of samples, got {str(given)[:40]}")
        if len(given) != count:
            raise OutputDiffersError(f"{name}: {len(given)} samples for {count}")
        known = self._judged.setdefault((name, item["frames"]), [])
        judged = next((one for one in known if one.samples[:count] == given), None)
        if judged is None:
            judged = self._judged_now(item, given)
            known.append(judged)
        report.compared += count
        report.items.add(name)
        gaps = {place: gap for place, gap in judged.gaps.items() if place < count}
        wrong = {place: gap for place, gap in gaps.items() if gap >= NEAR_TIE}
        if wrong and report.exact:
            raise OutputDiffersError(self._described(name, given, wrong))
        for gap in wrong.values():
            report.tolerate(gap)
        for place in self._listed(gaps.keys() - wrong.keys(), gaps):
            report.near_ties[f"{name}, sample {place}"] = gaps[place]

    def _listed(self, ties: Collection[int], gaps: Mapping[int, float]) -> Collection[int]:
        """Those of the ties that are listed: of amplitudes, which are never quite equal, the widest."""
        return ties if self._judge.classes or not ties else [max(ties, key=lambda tie: gaps[tie])]

    def _is_sample(self, value: Any) -> bool:
        """Whether a value can be fed: a class number, or a finite amplitude."""
        if not isinstance(value, int | float) or not math.isfinite(value):
            return False
        classes = self._judge.classes
        return not classes or (value == int(value) and 0 <= value < classes)

    def _judged_now(self, item: audio.Stream, given: list[float]) -> _Judged:
        gaps = np.nan_to_num(self._judge.differences(item, given), nan=np.inf)
        return _Judged(given, {int(place): float(gaps[place]) for place in np.flatnonzero(gaps)})

    @staticmethod
    def _described(name: str, given: list[float], wrong: Mapping[int, float]) -> str:
        place, gap = next(iter(wrong.items()))
        return (
            f"{name}: {len(wrong)} of {len(given)} samples are not what the reference "
            f"draws after the same ones; the first is sample {place}, {given[place]:g}, off by {gap:.2g}"
        )
