"""Drawing and judging samples in NumPy: values a person can check by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tfopt.reference_sampling import difference, draw

CLASSES, MIXTURE = "categorical", "logistic_mixture"


def sample(output: str, parameters: list[float], uniforms: list[float], t: float = 1) -> float:
    return draw(output, np.array(parameters), np.array(uniforms), t)


def test_drawing_a_class() -> None:
    logits = [math.log(1), math.log(2), math.log(1)]  # probabilities 1/4, 1/2, 1/4
    uniforms = (0, 0.2499, 0.2501, 0.7499, 0.7501, 1 - 2**-24)
    drawn = [sample(CLASSES, logits, [u]) for u in uniforms]
    assert drawn == [0, 0, 1, 1, 2, 2]
    # At temperature 1/2 they are squared: 1/6, 4/6, 1/6.
    drawn = [sample(CLASSES, logits, [u], 0.5) for u in (0.16, 0.17, 0.83, 0.84)]
    assert drawn == [0, 1, 1, 2]
    assert sample(CLASSES, [1, 3, 3], [0.999], 0) == 1
    assert sample(CLASSES, [-1000, 0, -1000], [0]) == 1


def test_drawing_from_a_mixture() -> None:
    outputs = [math.log(1), math.log(3), -0.25, 0.5, math.log(0.1), math.log(0.01)]
    assert sample(MIXTURE, outputs, [0.2, 0.5]) == pytest.approx(-0.25)
    assert sample(MIXTURE, outputs, [0.3, 0.5]) == pytest.approx(0.5)
    # The logistic distribution's quantile at 3/4 is ln 3.
    assert sample(MIXTURE, outputs, [0.2, 0.75]) == pytest.approx(-0.25 + 0.1 * math.log(3))
    # At temperature 1/2 the components have 1/10 and 9/10, and half the width.
    assert sample(MIXTURE, outputs, [0.09, 0.75], 0.5) == pytest.approx(-0.25 + 0.05 * math.log(3))
    assert sample(MIXTURE, outputs, [0.2, 0.75], 0) == 0.5
    # v stays 1e-5 away from 0 and 1, log scales from -7 up, amplitudes within [-1, 1].
    assert sample(MIXTURE, outputs, [0.3, 0]) == pytest.approx(
        0.5 + 0.01 * math.log(1e-5 / (1 - 1e-5))
    )
    narrow = [0, 0, 0.5, 0.5, -50, -50]
    assert sample(MIXTURE, narrow, [0, 0.75]) == pytest.approx(0.5 + math.exp(-7) * math.log(3))
    assert sample(MIXTURE, [0, 0, 0.5, 0.5, 2, 2], [0, 0.9]) == 1


def test_another_limit_of_log_scales() -> None:
    narrow, uniforms = np.array([0, 0, 0.5, 0.5, -9, -9.0]), np.array([0, 0.75])
    drawn = draw(MIXTURE, narrow, uniforms, 1, least_log_scale=-10)
    assert drawn == pytest.approx(0.5 + math.exp(-9) * math.log(3), abs=1e-12)
    given = difference(MIXTURE, narrow, uniforms, 1, 0.5, least_log_scale=-10)
    assert given == pytest.approx(math.exp(-9) * math.log(3))


def test_drawing_from_a_gaussian() -> None:
    one = 1 - math.exp(-0.5)  # sqrt(-2 ln(1 - u)) = 1
    assert sample("gaussian", [0.2, math.log(0.1)], [one, 0]) == pytest.approx(0.3)
    assert sample("gaussian", [0.2, math.log(0.1)], [one, 0.5]) == pytest.approx(0.1)
    assert sample("gaussian", [0.2, math.log(0.1)], [one, 0.25]) == pytest.approx(0.2)
    assert sample("gaussian", [0.2, math.log(0.1)], [one, 0], 0.5) == pytest.approx(0.25)
    assert sample("gaussian", [0.2, math.log(0.1)], [one, 0], 0) == pytest.approx(0.2)
    assert sample("gaussian", [0.2, -50], [one, 0]) == pytest.approx(0.2 + math.exp(-7))
    assert sample("gaussian", [0.9, 0], [one, 0]) == 1


def test_judging_classes() -> None:
    logits = np.log([1.0, 2.0, 1.0])

    def judge(uniform: float, given: float, temperature: float = 1) -> float:
        return difference(CLASSES, logits, np.array([uniform]), temperature, given)

    assert judge(0.3, 1) == 0
    assert judge(0.3, 0) == pytest.approx(0.05)
    assert judge(0.3, 2) == pytest.approx(0.45)
    assert judge(0.8, 0) == pytest.approx(0.55)
    assert judge(0.8, 1) == pytest.approx(0.05)
    assert judge(0.3, 3) == judge(0.3, -1) == judge(0.3, 0.5) == math.inf
    assert judge(0.3, 1, 0) == 0
    assert judge(0.3, 0, 0) == pytest.approx(1)  # (ln 2 - 0) / ln 2


def test_judging_amplitudes() -> None:
    outputs = np.array([0, 0, -0.25, 0.5, -3, -3])  # the boundary is at 1/2

    def judge(uniform: float, given: float) -> float:
        return difference(MIXTURE, outputs, np.array([uniform, 0.5]), 1, given)

    assert judge(0.4, -0.25) == pytest.approx(0, abs=1e-12)
    assert judge(0.4, -0.24) == pytest.approx(0.01)
    assert judge(0.4, 0.5) == pytest.approx(0.1)  # the other component: not chosen by 0.1
    assert judge(0.499999, 0.5) == pytest.approx(1e-6, abs=1e-9)
    assert judge(0.499999, 0.51) == pytest.approx(0.01)
    gaussian = difference("gaussian", np.array([0.5, -3]), np.array([0.0, 0.0]), 1, 0.4)
    assert gaussian == pytest.approx(0.1)
