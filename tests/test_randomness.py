"""Random numbers: what they are, and that only seed, stream and time decide them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tfopt.randomness import uniforms


def test_they_are_the_upper_bits_of_philox() -> None:
    raw = np.random.Philox(key=np.array([5, 9], np.uint64)).random_raw(12)
    expected = [(number >> 40) / 2**24 for number in map(int, raw)]
    assert uniforms(5, [9], 0, 6, 2).ravel().tolist() == expected


def test_they_stay_what_they_are() -> None:
    # A model must say the same tomorrow: these values were computed once and may not change.
    first = uniforms(0, [0], 0, 3, 1) * 2**24
    assert first.ravel().tolist() == [193_722, 4_052_523, 1_869_415]
    later = uniforms(1, [2], 5, 1, 3) * 2**24
    assert later.ravel().tolist() == [10_629_792, 2_108_710, 10_396_684]


@pytest.mark.parametrize("per_sample", [1, 2, 3, 5])
def test_chunks_are_parts_of_the_whole(per_sample: int) -> None:
    whole = uniforms(3, [0, 7], 0, 50, per_sample)
    assert whole.shape == (2, 50, per_sample)
    assert whole.dtype == np.float32
    for start in range(50):
        for count in (0, 1, 50 - start):
            chunk = uniforms(3, [0, 7], start, count, per_sample)
            np.testing.assert_array_equal(chunk, whole[:, start : start + count])


def test_a_late_start_is_a_part_too() -> None:
    start = 2**40 + 3
    whole = uniforms(1, [2], start, 20, 2)
    np.testing.assert_array_equal(uniforms(1, [2], start + 7, 13, 2), whole[:, 7:])
    assert len(np.unique(whole)) == 40


def test_streams_and_seeds_differ() -> None:
    # Batches: a stream's numbers do not depend on its place.
    np.testing.assert_array_equal(uniforms(1, [4, 2], 0, 9, 1)[1], uniforms(1, [2], 0, 9, 1)[0])
    rows = [uniforms(seed, [stream], 0, 1000, 1) for seed in (0, 1) for stream in (0, 1)]
    for i, row in enumerate(rows):
        for other in rows[:i]:
            # 1000 pairs of 24 bits: one equal pair in 17,000 tries.
            assert (row == other).sum() <= 2


def test_they_are_uniform() -> None:
    numbers = uniforms(0, [0], 0, 100_000, 1)
    assert 0 <= numbers.min() <= numbers.max() < 1
    # The mean of n uniform numbers has the standard deviation sqrt(1 / 12 n) = 0.0009; a bin of 10 has
    # n / 10 of them, give or take sqrt(0.09 n) = 95.
    assert abs(numbers.mean() - 0.5) < 5 * 0.0009
    counts = np.histogram(numbers, 10, (0, 1))[0]
    assert np.abs(counts - 10_000).max() < 5 * 95


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": -1}, r"seed: expected integers from 0 to 2\*\*64 - 1, got -1"),
        ({"seed": 2**64}, "seed: expected"),
        ({"seed": 0.5}, "seed: expected"),
        ({"seed": True}, "seed: expected"),
        ({"streams": [0, -1]}, "streams: expected"),
        ({"start": -1}, "start: expected an integer >= 0, got -1"),
        ({"count": 1.0}, "count: expected an integer >= 0, got 1.0"),
        ({"per_sample": 0}, "per_sample: expected an integer >= 1, got 0"),
    ],
)
def test_bad_arguments(change: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {"seed": 0, "streams": [0], "start": 0, "count": 1, "per_sample": 1}
    with pytest.raises(ValueError, match=message):
        uniforms(**(arguments | change))
