"""Mu-law: values by hand, every class there and back."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tfopt import mu_law


def test_decode_by_hand() -> None:
    assert mu_law.decode([0, 1], 2).tolist() == [-1, 1]
    assert mu_law.decode([0, 1, 2], 3).tolist() == [-1, 0, 1]
    half = (math.sqrt(5) - 1) / 4  # mu = 4, |y| = 1/2: (5 ** 0.5 - 1) / 4
    np.testing.assert_allclose(mu_law.decode(range(5), 5), [-1, -half, 0, half, 1], atol=1e-7)


def test_encode_by_hand() -> None:
    # 256 classes: silence is at 127.5, which rounds up; the ends are the ends.
    assert mu_law.encode([-1, 0, 1], 256).tolist() == [0, 128, 255]
    # mu = 4, amplitude 0.1: y = ln 1.4 / ln 5 = 0.2091, (y + 1) / 2 * 4 = 2.418, rounded 2.
    assert mu_law.encode([0.1, 0.3, 0.5, 0.7], 5).tolist() == [2, 3, 3, 4]


def test_amplitudes_beyond_1_are_clipped() -> None:
    assert mu_law.encode([-3, 2, np.inf], 256).tolist() == [0, 255, 255]


@pytest.mark.parametrize("classes", [2, 3, 11, 256, 512, 1024, 65_536])
def test_every_class_there_and_back(classes: int) -> None:
    amplitudes = mu_law.decode(np.arange(classes), classes)
    assert amplitudes.dtype == np.float32
    assert (amplitudes[0], amplitudes[-1]) == (-1, 1)
    assert (np.diff(amplitudes) > 0).all()
    np.testing.assert_array_equal(amplitudes, -amplitudes[::-1])
    np.testing.assert_array_equal(mu_law.encode(amplitudes, classes), np.arange(classes))


def test_shapes() -> None:
    assert mu_law.decode(np.zeros((2, 0, 3), np.int64), 256).shape == (2, 0, 3)
    assert mu_law.encode(np.zeros((2, 3)), 256).shape == (2, 3)
    assert mu_law.encode(0.0, 256) == 128


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match=r"ids: expected classes from 0 to 255, got 0 to 256"):
        mu_law.decode([0, 256], 256)
    with pytest.raises(ValueError, match=r"ids: expected classes from 0 to 255, got -1 to 3"):
        mu_law.decode([3, -1], 256)
    with pytest.raises(ValueError, match="ids: expected integers, got float64"):
        mu_law.decode([0.5], 256)
    with pytest.raises(ValueError, match=r"audio: expected amplitudes in .* got NaN"):
        mu_law.encode([np.nan], 256)
    for classes in (1, 2.0, True):
        with pytest.raises(ValueError, match="classes: expected an integer >= 2"):
            mu_law.encode([0], classes)  # type: ignore[arg-type]
