r"""What is computed from the raw timings: median, 95th percentile, and how large the noise is.

Noise. A run times every backend in several rounds, and each round does the same work. The median
of each round is one independent look at the same quantity, so the range of the rounds' medians,
lowest to highest, is taken as what the machine's mood alone can change. Two figures differ *by
less than the noise* when these ranges overlap. If nothing differed, two times R rounds would come
out fully apart with a probability of 2 (R!)^2 / (2R)!: 33 % for 2 rounds, 3 % for 4, 0.8 % for 5,
0.06 % for 7. Below 4 rounds nothing is claimed.

The range sees what changes within one run. It does not see what is fixed for a run's duration
(memory layout, the neighbours on a shared host, the clock that the CPU settled on), so treat
differences of a few per cent between two files with care, or measure each file twice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

ROUNDS_FOR_A_CLAIM = 4


def median(values: Sequence[float]) -> float:
    """Returns the middle value, or the mean of the two middle ones."""
    return percentile(values, 50.0)


def percentile(values: Sequence[float], percent: float) -> float:
    """Returns a percentile, linear between the two nearest values (NumPy's default).

    Raises:
        ValueError: there are no values, or the percentage is not from 0 to 100.
    """
    if not values:
        raise ValueError("values: expected at least one, got none")
    if not 0.0 <= percent <= 100.0:
        raise ValueError(f"percent: expected 0 to 100, got {percent}")
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100.0
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@dataclass(frozen=True)
class Figure:
    """A median with the medians of its rounds, all in one unit.

    Attributes:
        median: over all values of all rounds.
        middles: the median of each round.
    """

    median: float
    middles: tuple[float, ...]

    @classmethod
    def of(cls, rounds: Sequence[Sequence[float]]) -> Figure:
        """Returns the figure of raw values, given round by round.

        Raises:
            ValueError: there is no round, or a round has no values.
        """
        everything = [value for values in rounds for value in values]
        return cls(median(everything), tuple(median(values) for values in rounds))

    @property
    def low(self) -> float:
        """The lowest median of a round."""
        return min(self.middles)

    @property
    def high(self) -> float:
        """The highest median of a round."""
        return max(self.middles)

    @property
    def rounds(self) -> int:
        """How many rounds there were."""
        return len(self.middles)

    @property
    def noise(self) -> float:
        """Half the range of the rounds' medians, relative to the median: the ± of a table."""
        return (self.high - self.low) / 2.0 / self.median


def within_noise(first: Figure, second: Figure) -> bool | None:
    """Tells whether two figures differ by less than the noise: their ranges overlap.

    Returns:
        None when either has too few rounds to say.
    """
    if min(first.rounds, second.rounds) < ROUNDS_FOR_A_CLAIM:
        return None
    return first.low <= second.high and second.low <= first.high
