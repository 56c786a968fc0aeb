"""The log-spectral distance, against a slow one, and where it is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tfopt.evaluation import spectral_distance
from tfopt.evaluation.spectral_distance import frame_distances, frame_size

RATE = 8000
SIZE = 256
NOISE = np.random.default_rng(0).normal(size=2000) * 0.3


def slow_distances(a: NDArray[Any], b: NDArray[Any], size: int) -> list[float]:
    """As the module says, number by number."""

    def levels(x: NDArray[Any]) -> list[float]:
        turns = np.outer(np.arange(size // 2 + 1), np.arange(size)) / size
        window = np.sin(np.pi * np.arange(size) / size) ** 2
        magnitudes = np.abs((x * window * np.exp(-2j * np.pi * turns)).sum(-1))
        full = window.sum() / 2  # of a sine of amplitude 1
        return [20 * np.log10(max(m / full, 1e-4)) for m in magnitudes]

    found = []
    for start in range(0, len(a) - size + 1, size // 4):
        pairs = zip(levels(a[start : start + size]), levels(b[start : start + size]), strict=True)
        squares = [(x - y) ** 2 for x, y in pairs]
        found.append((sum(squares) / len(squares)) ** 0.5)
    return found


def test_against_a_slow_one(monkeypatch: pytest.MonkeyPatch) -> None:
    other = np.roll(NOISE, 50) * np.linspace(0, 1, len(NOISE))
    monkeypatch.setattr(spectral_distance, "_BLOCK", 4)
    found = frame_distances(NOISE, other, RATE)
    np.testing.assert_allclose(found, slow_distances(NOISE, other, SIZE), rtol=1e-9)
    assert len(found) == (len(NOISE) - SIZE) // (SIZE // 4) + 1


def test_half_as_loud() -> None:
    """6 dB at every frequency: noise is far above the floor at all of them."""
    np.testing.assert_allclose(frame_distances(NOISE, NOISE / 2, RATE), 20 * np.log10(2))


def test_phases_do_not_count() -> None:
    """Of a sine that fills whole periods of a frame, as it is when it starts elsewhere."""
    steps = 2 * np.pi * 8 * np.arange(1024) / SIZE
    distances = frame_distances(np.sin(steps), np.cos(steps), RATE)
    np.testing.assert_allclose(distances, 0, atol=1e-6)
    np.testing.assert_array_equal(frame_distances(NOISE, -NOISE, RATE), 0)


def test_what_is_below_the_floor_does_not_count() -> None:
    quiet = NOISE * 1e-6
    np.testing.assert_array_equal(frame_distances(quiet, np.zeros_like(quiet), RATE), 0)


def test_a_full_sine_against_silence_reaches_from_0_db_to_the_floor() -> None:
    sine = np.sin(2 * np.pi * 8 * np.arange(SIZE) / SIZE)
    (found,) = frame_distances(sine, np.zeros(SIZE), RATE)
    # The window spreads it over three frequencies: 0 dB, and twice half of that.
    levels = [80, 80 - 20 * np.log10(2), 80 - 20 * np.log10(2)]
    assert found == pytest.approx(np.sqrt(np.square(levels).sum() / (SIZE // 2 + 1)))


@pytest.mark.parametrize("length", [1, 2, SIZE - 1])
def test_less_than_a_frame(length: int) -> None:
    a, b = NOISE[:length], NOISE[:length] / 3
    c, d = (np.concatenate([x, np.zeros(SIZE - length)]) for x in (a, b))
    np.testing.assert_array_equal(frame_distances(a, b, RATE), frame_distances(c, d, RATE))


@pytest.mark.parametrize(
    ("rate", "size"), [(22_050, 1024), (24_000, 1024), (16_000, 512), (8000, 256), (20, 2), (1, 2)]
)
def test_frames_are_within_50_ms(rate: int, size: int) -> None:
    assert frame_size(rate) == size


@pytest.mark.parametrize(("a", "b"), [([], []), ([0.0], [0.0, 1.0]), ([[0.0]], [[0.0]])])
def test_signals_that_cannot_be_compared(a: Any, b: Any) -> None:
    with pytest.raises(ValueError, match="expected as many samples as first, at least one"):
        frame_distances(a, b, RATE)
