"""Medians, percentiles and noise, with values that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfopt.profiler.statistics import Figure, median, percentile, within_noise

NUMBERS = st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=30)


def test_median() -> None:
    assert median([3.0, 1.0, 2.0]) == 2.0
    assert median([4.0, 1.0, 2.0, 3.0]) == 2.5
    assert median([7.0]) == 7.0


def test_percentile() -> None:
    hundred_one = [float(value) for value in range(101)]
    assert percentile(hundred_one, 95.0) == 95.0
    assert percentile([0.0, 10.0], 95.0) == 9.5
    assert percentile([5.0, 1.0], 0.0) == 1.0
    assert percentile([5.0, 1.0], 100.0) == 5.0


@given(NUMBERS, st.floats(0, 100))
def test_percentile_is_numpys(values: list[float], percent: float) -> None:
    assert percentile(values, percent) == pytest.approx(np.percentile(values, percent), rel=1e-9)


@pytest.mark.parametrize("percent", [-1.0, 100.1])
def test_percentile_out_of_range(percent: float) -> None:
    with pytest.raises(ValueError, match="0 to 100"):
        percentile([1.0], percent)


def test_no_values() -> None:
    with pytest.raises(ValueError, match="at least one"):
        median([])


def test_figure() -> None:
    figure = Figure.of([[1.0, 2.0, 9.0], [3.0, 3.0, 4.0], [2.0, 2.5, 3.0]])
    assert figure.middles == (2.0, 3.0, 2.5)
    assert (figure.low, figure.high, figure.rounds) == (2.0, 3.0, 3)
    assert figure.median == 3.0  # of 1 2 2 2.5 3 3 3 4 9
    assert figure.noise == pytest.approx(0.5 / 3.0)


@given(st.lists(NUMBERS, min_size=1, max_size=8))
def test_the_median_lies_within_the_range(rounds: list[list[float]]) -> None:
    figure = Figure.of(rounds)
    assert figure.low <= figure.median * (1 + 1e-12)
    assert figure.median <= figure.high * (1 + 1e-12)


def test_within_noise_is_overlap() -> None:
    first = Figure(10.0, (9.0, 10.0, 11.0, 10.0))
    assert within_noise(first, Figure(11.5, (11.0, 11.5, 12.0, 11.6))) is True  # touching
    assert within_noise(first, Figure(11.5, (11.1, 11.5, 12.0, 11.6))) is False
    assert within_noise(first, Figure(8.5, (8.0, 8.5, 8.9, 8.6))) is False
    assert within_noise(first, Figure(10.0, (8.0, 10.0, 12.0, 10.0))) is True  # around


def test_too_few_rounds_say_nothing() -> None:
    assert within_noise(Figure(1.0, (1.0,) * 3), Figure(9.0, (9.0,) * 5)) is None
    assert within_noise(Figure(1.0, (1.0,) * 4), Figure(9.0, (9.0,) * 4)) is False


@given(NUMBERS, NUMBERS)
def test_within_noise_is_symmetric(a: list[float], b: list[float]) -> None:
    one, two = Figure.of([[value] for value in a]), Figure.of([[value] for value in b])
    assert within_noise(one, two) == within_noise(two, one)
