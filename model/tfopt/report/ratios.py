"""How many times as fast, and what the noise leaves open."""

from __future__ import annotations

from dataclasses import dataclass

from tfopt.profiler.quantities import ratio_text
from tfopt.profiler.statistics import Figure, within_noise


@dataclass(frozen=True)
class Gain:
    """A ratio of two figures, more than 1 being better.

    Attributes:
        ratio: of the medians.
        low: the least that the rounds allow.
        high: the most.
        noise: whether the figures differ by less than the noise; None if there were too few rounds.
    """

    ratio: float
    low: float
    high: float
    noise: bool | None

    @property
    def range_text(self) -> str:
        """The range in words, such as `155× to 168×`."""
        low, high = ratio_text(self.low), ratio_text(self.high)
        return low if low == high else f"{low} to {high}"


def shorter(base: Figure, other: Figure) -> Gain:
    """Returns how many times as short `other` is."""
    return Gain(
        base.median / other.median,
        base.low / other.high,
        base.high / other.low,
        within_noise(base, other),
    )


def higher(base: Figure, other: Figure) -> Gain:
    """Returns how many times as high `other` is."""
    return Gain(
        other.median / base.median,
        other.low / base.high,
        other.high / base.low,
        within_noise(base, other),
    )
