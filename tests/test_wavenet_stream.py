"""Audio in pieces is the audio at once, to the last bit; conditioning is taken when it is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from wavenet_models import conditions, load, make

from tfopt import wavenet
from tfopt.generation.pieces import CHUNK
from tfopt.generation.upsampling import Upsampling
from tfopt.wavenet.reference import Reference

PROMPT = np.random.default_rng(0).uniform(-1, 1, (2, 30))


def pieces(frames: NDArray[Any], ends: Iterable[int]) -> list[NDArray[Any]]:
    """Frames [batch, time, channels], cut behind the numbers of frames given."""
    return [frames[:, a:b] for a, b in pairwise([0, *ends, frames.shape[1]])]


@pytest.mark.parametrize("backend", wavenet.BACKENDS)
def test_pieces_equal_the_whole(backend: str) -> None:
    """However frames and samples are cut; 1,271 samples with a prompt, over the cells of `xla`."""
    net = load("everything", backend)
    given = conditions(net.config, 2, 1300)
    frames = given.pop("conditioning")
    whole = net.generate(frames, prompt=PROMPT, seed=6, **given)
    assert whole.shape == (2, 217 * 6 - 29)
    for ends, chunk in (
        ([], 1000),
        ([1, 1, 2, 5, 100, 101, 200], None),
        ([4, 80], 77),
    ):
        parts = list(net.stream(pieces(frames, ends), chunk=chunk, prompt=PROMPT, seed=6, **given))
        joined = np.concatenate(parts, axis=1)
        assert joined.shape == whole.shape
        assert np.array_equal(joined, whole), (ends, chunk, (joined != whole).sum())
        if chunk is not None:
            assert {part.shape[1] for part in parts[:-1]} <= {chunk}


@pytest.mark.parametrize("backend", ["cached", "graph", "xla", "fused", "native"])
def test_pieces_of_a_wide_model_equal_the_whole(backend: str) -> None:
    net = load("wide", backend)
    given = conditions(net.config, 1, 300)
    whole = net.generate(**given)
    frames = given.pop("conditioning")
    parts = list(net.stream(pieces(frames, [1, 8, 20]), **given, chunk=37))
    assert np.array_equal(np.concatenate(parts, axis=1), whole)


@pytest.mark.parametrize("backend", wavenet.BACKENDS)
def test_single_samples_equal_the_whole(backend: str) -> None:
    net = load("everything", backend)
    given = conditions(net.config, 2, 36)
    whole = net.generate(**given)
    parts = list(
        net.stream(pieces(given["conditioning"], [2, 3]), chunk=1, speaker=given["speaker"])
    )
    assert [part.shape for part in parts] == [(2, 1)] * 36
    assert np.array_equal(np.concatenate(parts, axis=1), whole)


def test_without_conditioning_it_goes_on_for_ever() -> None:
    net = load("plain", "native")
    parts = list(islice(net.stream(chunk=50), 7))
    assert np.array_equal(np.concatenate(parts, axis=1), net.generate(samples=350))
    (part,) = islice(net.stream(), 1)
    assert part.shape == (1, CHUNK)


def test_samples_end_it() -> None:
    net = load("mixture, frames", "graph")
    frames = np.ones([1, 10, 3])
    parts = list(net.stream([frames, frames], samples=23, chunk=10))
    assert [part.shape[1] for part in parts] == [10, 10, 3]
    assert list(net.stream([frames], samples=0)) == []


def test_frames_are_taken_when_they_are_needed() -> None:
    """Each of the two upsampling stages, of factors 3 and 2, looks one of its frames ahead."""
    taken = []

    def source() -> Iterator[NDArray[Any]]:
        for number in range(5):
            taken.append(number)
            yield np.full([1, 1, 3], float(number))

    lengths = []
    for part in load("mixture, frames", "graph").stream(source()):
        lengths.append((len(taken), part.shape[1]))
    # With n frames (n - 1) * 3 are ready behind the first stage, and one less of them behind the second.
    assert lengths == [(2, 4), (3, 6), (4, 6), (5, 6), (5, 8)]


def test_upsampling_equals_the_reference_in_any_piece() -> None:
    config, weights = make("everything")
    frames = np.random.default_rng(1).normal(size=(2, 40, 3)).astype(np.float32)
    expected = np.stack([Reference(config, weights).upsample(row) for row in frames])
    upsampling = Upsampling(weights, config.upsample_factors, config.local_channels)
    whole = upsampling.compute(frames, 0, 40, 0, 240).numpy()
    np.testing.assert_allclose(whole, expected, rtol=0, atol=1e-6 * np.abs(expected).max())
    for start, count in ((0, 1), (5, 7), (100, 130), (239, 1)):
        first = upsampling.first_frame(start)
        piece = upsampling.compute(frames[:, first:], first, 40, start, count).numpy()
        assert np.array_equal(piece, whole[:, start : start + count])


REJECTED: list[tuple[str, dict[str, Any], str]] = [
    ("plain", {"chunk": 0}, "chunk: expected an integer >= 1, got 0"),
    ("plain", {"samples": -1}, "samples: expected an integer >= 0, got -1"),
    ("plain", {"seed": -1}, "seed: expected an integer"),
    ("plain", {"conditioning_chunks": [np.ones([1, 2])]}, "conditioning: expected None"),
    ("mixture, frames", {}, "conditioning: expected \\[batch, frames, 3\\], got None"),
    (
        "mixture, frames",
        {"conditioning_chunks": np.ones([2, 3])},
        "conditioning_chunks: expected pieces in an iterable, got ndarray",
    ),
    (
        "mixture, frames",
        {"conditioning_chunks": 3},
        "conditioning_chunks: expected pieces in an iterable, got int",
    ),
]


@pytest.mark.parametrize(("name", "arguments", "message"), REJECTED)
def test_the_call_rejects(name: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        load(name, "graph").stream(**arguments)


@pytest.mark.parametrize(
    ("chunks", "message"),
    [
        ([], "conditioning_chunks: expected at least one piece, got none"),
        ([np.ones([2, 4])], "conditioning: expected .* got \\[2, 4\\]"),
        ([np.ones([2, 3]), np.ones([2, 2, 3])], "conditioning: expected 1 streams, .* got 2"),
        ([np.ones([2, 3]), np.full([2, 3], np.nan)], "conditioning: expected finite"),
    ],
)
def test_a_piece_is_rejected_when_it_is_taken(chunks: list[Any], message: str) -> None:
    parts = load("mixture, frames", "graph").stream(chunks)
    with pytest.raises(ValueError, match=f"^{message}"):
        list(parts)
