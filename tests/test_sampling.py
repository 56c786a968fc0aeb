"""Sampling: values a person can check, the distributions, and the extremes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from tfopt import sampling
from tfopt.reference_sampling import NEAR_TIE, difference
from tfopt.wavenet.config import WavenetConfig

BELOW_ONE = 1 - 2.0**-24  # the largest random number


def draw(output: str, parameters: Any, uniforms: Any, temperature: float = 1.0) -> NDArray[Any]:
    p, u = (np.atleast_2d(np.asarray(x, np.float32)) for x in (parameters, uniforms))
    drawn = sampling.draw(output, p, u, tf.constant(temperature, tf.float32))
    result: NDArray[Any] = drawn.numpy()
    return result


@pytest.mark.parametrize(
    ("uniform", "expected"),
    [(0, 0), (0.2499, 0), (0.25, 1), (0.3, 1), (0.5, 2), (0.7499, 2), (0.75, 3), (BELOW_ONE, 3)],
)
def test_equal_classes(uniform: float, expected: int) -> None:
    """The first class whose cumulative probability is above the number."""
    assert draw("categorical", [2.0] * 4, uniform) == expected
    assert draw("categorical", [2.0] * 4, uniform, temperature=1e30) == expected


@pytest.mark.parametrize("uniform", [0, 0.5, BELOW_ONE])
@pytest.mark.parametrize("temperature", [0, 1e-38, 1e-3, 1])
def test_an_impossible_class_is_never_drawn(uniform: float, temperature: float) -> None:
    assert draw("categorical", [-1e30, -1e4, 3e38, -1e4, -3e38], uniform, temperature) == 2


@pytest.mark.parametrize("uniform", [0, BELOW_ONE])
def test_temperature_0_takes_the_first_of_the_largest(uniform: float) -> None:
    assert draw("categorical", [1, 5, 2, 5, 5], uniform, temperature=0) == 1


@pytest.mark.parametrize("temperature", [0.25, 1.0, 3.0])
def test_classes_come_with_their_probabilities(temperature: float) -> None:
    logits = np.array([0.3, -1.2, 2.0, 0.0, -5.0, 1.1])
    count = 20_000
    uniforms = (np.arange(count)[:, np.newaxis] + 0.5) / count
    drawn = draw("categorical", np.tile(logits, [count, 1]), uniforms, temperature)
    powers = np.exp(logits / temperature)
    found = np.bincount(drawn.astype(int), minlength=6) / count
    # Each boundary between classes is off by at most one of the numbers.
    np.testing.assert_allclose(found, powers / powers.sum(), rtol=0, atol=2 / count)
    assert (np.diff(drawn) >= 0).all()


def test_mixture_by_hand() -> None:
    parameters = [0.0, 0.0, 0.1, -0.2, np.log(0.05), np.log(0.02)]  # two components, equally likely
    logistic = np.log(0.8 / 0.2)
    assert draw("logistic_mixture", parameters, [0.4, 0.5]) == pytest.approx(0.1)
    assert draw("logistic_mixture", parameters, [0.4, 0.8]) == pytest.approx(0.1 + 0.05 * logistic)
    assert draw("logistic_mixture", parameters, [0.6, 0.8]) == pytest.approx(-0.2 + 0.02 * logistic)
    assert draw("logistic_mixture", parameters, [0.6, 0.8], 0.5) == pytest.approx(
        -0.2 + 0.01 * logistic
    )
    assert draw("logistic_mixture", parameters, [0.6, 0.8], 0) == pytest.approx(0.1)


def test_gaussian_by_hand() -> None:
    half = 1 - np.exp(-0.5)  # a radius of 1
    assert draw("gaussian", [0.1, np.log(0.2)], [half, 0.0]) == pytest.approx(0.3)
    assert draw("gaussian", [0.1, np.log(0.2)], [half, 0.5]) == pytest.approx(-0.1)
    assert draw("gaussian", [0.1, np.log(0.2)], [half, 0.25]) == pytest.approx(0.1)
    assert draw("gaussian", [0.1, np.log(0.2)], [half, 0.0], 0.5) == pytest.approx(0.2)
    assert draw("gaussian", [0.1, np.log(0.2)], [half, 0.0], 0) == pytest.approx(0.1)


@pytest.mark.parametrize("output", ["logistic_mixture", "gaussian"])
def test_amplitudes_stay_in_range(output: str) -> None:
    parameters = [0.0, 80.0] if output == "gaussian" else [0.0, 0.0, 80.0]
    for uniforms in ([0.0, 0.0], [BELOW_ONE, 0.0], [0.5, BELOW_ONE], [BELOW_ONE, 0.5]):
        assert -1 <= draw(output, parameters, uniforms) <= 1


def test_a_scale_is_at_least_e_to_the_minus_7() -> None:
    half = 1 - np.exp(-0.5)
    assert draw("gaussian", [0.0, -1e9], [half, 0.0]) == pytest.approx(np.exp(-7))


def test_a_scale_may_have_another_limit() -> None:
    numbers = tf.constant([[0.0, 0.75]])  # the logistic distribution's quantile at 3/4 is ln 3
    parameters = tf.constant([[0.0, 0.0, -9.0]])
    drawn = sampling.draw("logistic_mixture", parameters, numbers, tf.constant(1.0), -10.0)
    assert drawn.numpy() == pytest.approx(np.exp(-9) * np.log(3))


CONFIGS: dict[str, Any] = {
    "categorical": {"classes": 256},
    "logistic_mixture": {"mixtures": 10},
    "gaussian": {},
}


@pytest.mark.parametrize("output", CONFIGS)
@pytest.mark.parametrize("temperature", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("jit", [False, True])
def test_random_values_against_the_reference(output: str, temperature: float, jit: bool) -> None:
    config = WavenetConfig(
        sample_rate=1,
        residual_channels=1,
        gate_channels=1,
        skip_channels=1,
        end_channels=1,
        dilations=(1,),
        input="scalar",
        output=output,
        biases=(),
        **CONFIGS[output],
    )
    random = np.random.default_rng(5)
    parameters = random.normal(0, 2, (500, config.outputs)).astype(np.float32)
    uniforms = random.random((500, config.uniforms), np.float32)
    traced = tf.function(lambda p, u, t: sampling.draw(output, p, u, t), jit_compile=jit)
    drawn = traced(parameters, uniforms, tf.constant(temperature)).numpy()
    found = [
        difference(output, p.astype(np.float64), u.astype(np.float64), temperature, float(x))
        for p, u, x in zip(parameters, uniforms, drawn, strict=True)
    ]
    assert max(found) < NEAR_TIE, max(found)


def test_a_new_temperature_is_no_new_trace() -> None:
    traced = tf.function(lambda p, u, t: sampling.draw("categorical", p, u, t), jit_compile=True)
    for temperature in (0.0, 0.5, 2.0):
        traced(tf.zeros([2, 4]), tf.zeros([2, 1]), tf.constant(temperature))
    assert traced.experimental_get_tracing_count() == 1
