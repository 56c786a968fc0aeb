"""Utterances of different lengths, of which few go side by side: each as if it were alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from wavenet_models import load, make

from tfopt.wavenet import utterances
from tfopt.wavenet.backends.protocol import Joining
from tfopt.wavenet.model import Wavenet

LENGTHS = (7, 31, 0, 4, 20, 4, 1, 12, 9)


def frames(channels: int, lengths: tuple[int, ...] = LENGTHS) -> list[NDArray[np.float32]]:
    generator = np.random.default_rng(1)
    return [generator.standard_normal([n, channels]).astype(np.float32) for n in lengths]


def few(net: Wavenet, lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """So few streams side by side, in calls of few samples."""
    assert isinstance(net._backend, Joining)
    monkeypatch.setattr(type(net._backend), "lanes", lanes)
    monkeypatch.setattr(utterances, "CHUNK", 13)


@pytest.mark.parametrize(
    ("name", "lanes"),
    [("mixture, frames", 1), ("mixture, frames", 3), ("everything", 2), ("wide", 5)],
)
def test_streams_enter_and_leave(name: str, lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    net = load(name, "native")
    conditioning = frames(net.config.local_channels)
    speakers: list[Any] = [
        n % 3 if net.config.global_classes else None for n in range(len(LENGTHS))
    ]
    alone = [
        net.generate(given, streams=[n], seed=3, speaker=speaker)[0]
        for n, (given, speaker) in enumerate(zip(conditioning, speakers, strict=True))
    ]
    few(net, lanes, monkeypatch)
    done: list[int] = []
    together = net.generate(
        conditioning,
        seed=3,
        speaker=speakers if net.config.global_classes else None,
        progress=done.append,
    )
    for given, expected in zip(together, alone, strict=True):
        assert np.array_equal(given, expected)
    assert done == sorted(done)
    assert done[-1] == sum(LENGTHS) * net.config.hop_length


@pytest.mark.parametrize("compute_type", ["bfloat16", "int8"])
def test_streams_of_other_types(compute_type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    net = Wavenet(*make("everything"), "native", compute_type=compute_type)
    conditioning = frames(net.config.local_channels, (9, 2, 6, 5))
    alone = [net.generate(given, streams=[n], speaker=1)[0] for n, given in enumerate(conditioning)]
    few(net, 2, monkeypatch)
    for given, expected in zip(net.generate(conditioning, speaker=1), alone, strict=True):
        assert np.array_equal(given, expected)


def test_each_comes_when_it_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    net = load("mixture, frames", "native")
    conditioning = frames(net.config.local_channels, (2, 9, 0, 5))
    few(net, 2, monkeypatch)
    ended = list(net.utterances(conditioning, seed=1))
    assert [place for place, _ in ended] == [2, 3, 0, 1]  # 5 and then 2 frames beside 9
    whole = net.generate(conditioning, seed=1)
    for place, audio in ended:
        assert np.array_equal(audio, whole[place])


def test_other_backends_make_one_after_the_other() -> None:
    net, native = load("mixture, frames", "graph"), load("mixture, frames", "native")
    assert not isinstance(net._backend, Joining)
    conditioning = frames(net.config.local_channels, (3, 0, 8))
    numbers = {"streams": [5, 2, 9], "seed": 1}
    expected = native.generate(conditioning, **numbers)  # type: ignore[call-overload]
    for given, whole in zip(net.generate(conditioning, **numbers), expected, strict=True):  # type: ignore[call-overload]
        np.testing.assert_allclose(given, whole, rtol=0, atol=1e-4)


def test_an_empty_utterance_alone() -> None:
    net = load("mixture, frames", "native")
    (audio,) = net.generate(frames(net.config.local_channels, (0,)))
    assert audio.shape == (0,)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"samples": 5}, "samples: expected None with a list of conditioning"),
        ({"prompt": [0.0]}, "prompt: expected None with a list of conditioning"),
        ({"batch": 3}, "conditioning: expected 3 streams, as batch says, got 2"),
        ({"streams": [1]}, "streams"),
    ],
)
def test_what_a_list_does_not_go_with(arguments: dict[str, Any], message: str) -> None:
    net = load("mixture, frames", "native")
    with pytest.raises(ValueError, match=message):
        net.generate(frames(net.config.local_channels, (2, 3)), **arguments)


def test_lists_of_other_shapes() -> None:
    net = load("mixture, frames", "native")
    with pytest.raises(ValueError, match="conditioning: expected at least one array, got an empty"):
        net.generate([])
    with pytest.raises(
        ValueError, match=r"conditioning\[1\]: expected \[frames, 3\], got \[4, 2\]"
    ):
        net.generate([np.zeros([4, 3]), np.zeros([4, 2])])
    plain = load("plain", "native")
    with pytest.raises(ValueError, match="conditioning: expected None, as the model has none"):
        plain.generate([np.zeros([4, 3])])
