"""Observers against the samples that their histograms are of, rounded one by one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tfopt.quantization import observers
from tfopt.quantization.histograms import BINS, Histogram, Histograms, edges

Samples = NDArray[np.float64]

KINDS: dict[str, Callable[[np.random.Generator], Samples]] = {
    "uniform": lambda random: random.uniform(-1, 1, 20_000),
    "normal": lambda random: random.normal(size=20_000),
    "laplace": lambda random: 30 * random.laplace(size=20_000),
    "heavy tails": lambda random: 1e-3 * random.standard_t(3, 20_000),
    "relu": lambda random: np.maximum(random.normal(size=20_000), 0),
    "few values": lambda random: random.choice([0.0, -0.25, 3.0], 1_000),
    "one outlier": lambda random: np.append(random.normal(size=20_000), 400.0),
}


def histogram(samples: Samples) -> Histogram:
    counts, _ = np.histogram(np.abs(samples), edges())
    return Histogram(counts.astype(np.int64), float(np.abs(samples).max(initial=0)))


def error(samples: Samples, scale: float) -> float:
    integers = np.clip(np.rint(samples / scale), -127, 127)
    return float(np.mean((samples - scale * integers) ** 2))


@pytest.fixture(params=KINDS, name="samples")
def _samples(request: pytest.FixtureRequest) -> Samples:
    return KINDS[request.param](np.random.default_rng(1))


def test_min_max_cuts_nothing_off(samples: Samples) -> None:
    scale = observers.min_max_scale(histogram(samples))
    assert scale * 127 == pytest.approx(np.abs(samples).max(), rel=1e-12)


@pytest.mark.parametrize("percentile", [50, 90, 99, 99.9, 99.99, 100])
def test_percentile_is_that_of_the_samples_that_are_not_zero(
    samples: Samples, percentile: float
) -> None:
    scale = observers.percentile_scale(histogram(samples), percentile)
    magnitudes = np.abs(samples[samples != 0])
    # A bin is at most 1/64 of what it holds wide; the percentile may lie between two samples.
    low = np.percentile(magnitudes, percentile, method="lower") * (1 - 1 / 64)
    high = np.percentile(magnitudes, percentile, method="higher") * (1 + 1 / 64)
    assert low <= 127 * scale <= high


def test_the_whole_percentile_is_min_max(samples: Samples) -> None:
    given = histogram(samples)
    whole = observers.percentile_scale(given, 100)
    assert whole == pytest.approx(observers.min_max_scale(given), rel=1e-6)


def test_mean_squared_error_is_as_small_as_any_scales(samples: Samples) -> None:
    chosen = observers.least_error_scale(histogram(samples))
    scales = np.abs(samples).max() / 127 * np.exp2(-np.arange(0, 8, 1 / 50))
    best = min(error(samples, scale) for scale in scales)
    if len(np.unique(samples)) > 10:
        # The mean of n squared errors is some 1 / sqrt(n) of it off what is expected, for each scale its own.
        assert error(samples, chosen) <= best * (1 + 4 / np.sqrt(np.count_nonzero(samples)))
    else:  # a few values can fit integers by chance; here, half a step is what rounding costs at most
        assert error(samples, chosen) <= (chosen / 2) ** 2


def test_mean_squared_error_cuts_an_outlier_off_only_if_that_pays() -> None:
    random = np.random.default_rng(2)
    many = histogram(np.append(random.normal(size=1_000_000), 8.0))
    assert observers.least_error_scale(many) < 0.8 * observers.min_max_scale(many)
    few = histogram(np.append(random.normal(size=100), 400.0))
    assert observers.least_error_scale(few) > 0.9 * observers.min_max_scale(few)


@pytest.mark.parametrize("name", observers.NAMES)
@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(5), np.full(5, 2.0**-40)])
def test_nothing_but_zeros_has_no_scale(name: str, samples: Samples) -> None:
    assert observers.observer(name)(histogram(samples)) == 0


@pytest.mark.parametrize("name", observers.NAMES)
@pytest.mark.parametrize("size", [2.0**-31, 1.0, 100_000.0, 1e30])
def test_any_size_of_one_value(name: str, size: float) -> None:
    scale = observers.observer(name)(histogram(np.array([size, -size, 0.0])))
    assert abs(size - scale * min(round(size / scale), 127)) <= size / 127


def test_scales_are_float32() -> None:
    given = [histogram(np.array([0.1])), histogram(np.zeros(1))]
    scales = observers.scales(given, observers.min_max_scale)
    assert scales == (float(np.float32(0.1 / 127)), 0.0)


@pytest.mark.parametrize("percentile", [0, -1, 100.1, float("nan")])
def test_wrong_percentiles(percentile: float) -> None:
    with pytest.raises(ValueError, match=r"percentile: expected .* got"):
        observers.observer("percentile", percentile)


def test_unknown_observers() -> None:
    with pytest.raises(ValueError, match=r"observer: expected one of min-max, .* got 'median'"):
        observers.observer("median")


def test_edges() -> None:
    """As the engine has them: see test_ops_observing.py."""
    assert len(edges()) == BINS + 1 == 48 * 64 + 1
    assert list(edges()[:3]) == [0, 2.0**-32 * (1 + 1 / 64), 2.0**-32 * (1 + 2 / 64)]
    assert edges()[32 * 64] == 1
    assert list(edges()[-2:]) == [2.0**15 * (1 + 63 / 64), np.inf]
    assert (np.diff(edges()) > 0).all()


def test_histograms_add_up() -> None:
    random = np.random.default_rng(3)
    parts = [random.normal(size=(2, 100)) for _ in range(3)]
    total = Histograms()
    for part in parts:
        each = [histogram(row) for row in part]
        total.add([one.counts for one in each], [one.largest for one in each])
    for row, whole in zip(np.concatenate(parts, 1), total.of_matrices(), strict=True):
        expected = histogram(row)
        np.testing.assert_array_equal(whole.counts, expected.counts)
        assert whole.largest == np.float32(expected.largest)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        Histograms().add(np.zeros([1, BINS], np.int64), [value])
