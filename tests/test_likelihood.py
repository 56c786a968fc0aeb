"""Negative log-likelihoods, against sums and integrals that are too slow or too long to compute otherwise."""

from __future__ import annotations

from decimal import Decimal, localcontext
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
import wavenet_models
import wavernn_models
from numpy.typing import NDArray

from tfopt import wavenet, wavernn
from tfopt.likelihood import BINS, negative_log_likelihood

Config = wavenet.WavenetConfig | wavernn.WavernnConfig

CATEGORICAL = wavenet_models.make("plain")[0]
MIXTURES: list[Config] = [
    wavenet_models.make("mixture, frames")[0],
    wavernn_models.make("mixture")[0],
]
GAUSSIAN = wavenet_models.make("gaussian, speakers")[0]


def one(config: Config, outputs: Any, target: Any) -> float:
    """Of a single sample."""
    return float(negative_log_likelihood(config, [[outputs]], [[target]])[0, 0])


def of_all(config: Config, outputs: NDArray[Any], targets: NDArray[Any]) -> NDArray[np.float64]:
    """Of every target under the same outputs."""
    rows = np.broadcast_to(outputs, (1, len(targets), len(outputs)))
    result: NDArray[np.float64] = negative_log_likelihood(config, rows, targets[np.newaxis])[0]
    return result


def amplitude(number: int) -> float:
    return 2 * number / (BINS - 1) - 1


def probability(outputs: NDArray[Any], number: int, least_log_scale: float) -> Decimal:
    """Of a bin of a mixture of logistics, as a difference of distribution functions, with many digits."""
    logits, means, log_scales = (
        [Decimal(float(value)) for value in part] for part in np.split(outputs, 3)
    )
    total = sum((logit.exp() for logit in logits), Decimal(0))

    def below(edge: Decimal) -> Decimal:
        result = Decimal(0)
        for logit, mean, log_scale in zip(logits, means, log_scales, strict=True):
            x = (edge - mean) / max(log_scale, Decimal(least_log_scale)).exp()
            result += logit.exp() / total / (1 + (-x).exp())
        return result

    low, high = (Decimal(2 * number + side) / (BINS - 1) - 1 for side in (-1, 1))
    above = below(high) if number < BINS - 1 else Decimal(1)
    return above - (below(low) if number else Decimal(0))


@pytest.mark.parametrize("seed", range(3))
def test_classes(seed: int) -> None:
    random = np.random.default_rng(seed)
    logits = random.normal(size=CATEGORICAL.classes) * 5
    found = of_all(CATEGORICAL, logits, np.arange(CATEGORICAL.classes))
    np.testing.assert_allclose(found, -np.log(np.exp(logits) / np.exp(logits).sum()), rtol=1e-12)
    assert np.exp(-found).sum() == pytest.approx(1, abs=1e-12)


def test_classes_far_apart() -> None:
    logits = np.array([3e38, -3e38] + [0] * (CATEGORICAL.classes - 2), np.float32)
    assert one(CATEGORICAL, logits, 0) == 0
    assert one(CATEGORICAL, logits, 1) == pytest.approx(6e38)


@pytest.mark.parametrize("name", ["split", "split, one of each"])
def test_split_classes(name: str) -> None:
    """A sample is as likely as its coarse half, times its fine half given that."""
    config = wavernn_models.make(name)[0]
    logits = np.random.default_rng(1).normal(size=config.outputs) * 3
    coarse, fine = np.split(np.exp(logits), [1 << config.coarse_bits])
    expected = np.outer(coarse / coarse.sum(), fine / fine.sum()).reshape(-1)
    found = of_all(config, logits, np.arange(config.classes))
    np.testing.assert_allclose(np.exp(-found), expected, rtol=1e-10)


@pytest.mark.parametrize("config", MIXTURES, ids=["wavenet", "wavernn"])
@pytest.mark.parametrize("log_scale", [-40.0, -10.0, -4.0, 0.0, 60.0, 90.0])
def test_all_bins_of_a_mixture_sum_to_one(config: Config, log_scale: float) -> None:
    random = np.random.default_rng(2)
    outputs = np.concatenate(
        [random.normal(size=3), random.uniform(-1.2, 1.2, 3), log_scale + random.normal(size=3)]
    )
    found = of_all(config, outputs, np.array([amplitude(k) for k in range(BINS)]))
    assert np.exp(-found).sum() == pytest.approx(1, abs=1e-9)
    assert (found > -1e-9).all()


@pytest.mark.parametrize("config", MIXTURES, ids=["wavenet", "wavernn"])
@pytest.mark.parametrize("number", [0, 1, 20_000, 32_767, 40_000, BINS - 2, BINS - 1])
@pytest.mark.parametrize("log_scale", [-5.5, -3.0, 0.0, 30.0])
def test_bins_of_a_mixture(config: Config, number: int, log_scale: float) -> None:
    """Also where nothing but many digits tells the two ends of a bin apart."""
    random = np.random.default_rng(number)
    outputs = np.concatenate(
        [random.normal(size=3), random.uniform(-1, 1, 3), log_scale + random.normal(size=3) / 4]
    )
    least = -7.0 if isinstance(config, wavenet.WavenetConfig) else float(np.log(1e-14))
    with localcontext() as context:
        context.prec = 400
        context.Emin = -(10**9)
        expected = float(-probability(outputs, number, least).ln())
    assert one(config, outputs, amplitude(number)) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_an_amplitude_counts_as_the_nearest_bin() -> None:
    outputs = [0.0, 0.0, 0.0, 0.1, -0.2, 0.3, -6.0, -5.0, -4.0]
    within = 0.4 * 2 / (BINS - 1)
    bins = [one(MIXTURES[0], outputs, amplitude(30_000) + off) for off in (-within, 0, within)]
    assert len(set(bins)) == 1
    assert bins[0] != one(MIXTURES[0], outputs, amplitude(30_001))


@pytest.mark.parametrize(
    ("config", "least"), [(MIXTURES[0], -7.0), (MIXTURES[1], float(np.log(1e-14)))]
)
def test_narrow_components_are_as_wide_as_samples_are_drawn(config: Config, least: float) -> None:
    def narrow(log_scale: float) -> float:
        return one(config, [0.0] * 3 + [0.1, -0.2, 0.3] + [log_scale] * 3, 0.25)

    assert narrow(least - 5) == narrow(least) != narrow(least + 0.1)


@pytest.mark.parametrize("log_scale", [-3.0, 0.5])
def test_gaussian(log_scale: float) -> None:
    mean, sigma = 0.2, float(np.exp(log_scale))
    for x in (-1.0, 0.1, 0.2, 1.0):
        expected = -np.log(NormalDist(mean, sigma).pdf(x))
        assert one(GAUSSIAN, [mean, log_scale], x) == pytest.approx(expected)


def test_a_narrow_gaussian_is_as_wide_as_samples_are_drawn() -> None:
    assert one(GAUSSIAN, [0.5, -30.0], 0.5) == one(GAUSSIAN, [0.5, -7.0], 0.5)


@pytest.mark.parametrize("config", [CATEGORICAL, *MIXTURES, GAUSSIAN])
def test_rows_stay_apart(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sample is judged by its own outputs, also where blocks end within a stream."""
    random = np.random.default_rng(5)
    outputs = random.normal(size=(2, 7, config.outputs)).astype(np.float32)
    drawn = random.uniform(-1, 1, (2, 7))
    targets = random.integers(config.classes, size=(2, 7)) if config.classes else drawn
    monkeypatch.setattr("tfopt.likelihood._BLOCK", 3 * config.outputs)
    found = negative_log_likelihood(config, outputs, targets)
    assert found.shape == (2, 7)
    assert found.dtype == np.float64
    expected = [[one(config, outputs[b, t], targets[b, t]) for t in range(7)] for b in range(2)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_no_samples() -> None:
    empty = np.zeros([1, 0, CATEGORICAL.outputs])
    assert negative_log_likelihood(CATEGORICAL, empty, np.zeros([1, 0], np.int32)).shape == (1, 0)


@pytest.mark.parametrize(
    ("config", "outputs", "targets", "message"),
    [
        (CATEGORICAL, np.zeros([1, 2, 17]), [[0, 17]], "targets: expected classes from 0 to 16"),
        (CATEGORICAL, np.zeros([1, 2, 17]), [[0, -1]], "got -1 to 0"),
        (CATEGORICAL, np.zeros([1, 2, 17]), [[0.0, 1.0]], "targets: expected integers"),
        (CATEGORICAL, np.zeros([1, 3, 17]), [[0, 1]], r"outputs: expected \[1, 2, 17\]"),
        (CATEGORICAL, np.zeros([2, 17]), [[0, 1]], "outputs: expected"),
        (CATEGORICAL, np.zeros([1, 2, 17]), [0, 1], r"targets: expected \[batch, time\]"),
        (GAUSSIAN, np.zeros([1, 1, 2]), [[1.5]], "targets: expected amplitudes in"),
        (GAUSSIAN, np.zeros([1, 1, 2]), [[np.nan]], "targets: expected amplitudes in"),
        (GAUSSIAN, np.zeros([1, 1, 2]), [["a"]], "targets: expected amplitudes"),
        (GAUSSIAN, np.full([1, 1, 2], np.inf), [[0.5]], "outputs: expected finite"),
    ],
)
def test_errors(config: Config, outputs: Any, targets: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        negative_log_likelihood(config, outputs, targets)
