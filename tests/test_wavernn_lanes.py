"""Utterances of different lengths, of which few go side by side: each as if it were alone."""

from __future__ import annotations

import numpy as np
import pytest
from wavernn_models import load, make, spectrogram

from tfopt.wavernn import generation
from tfopt.wavernn.backends.protocol import Joining
from tfopt.wavernn.model import Wavernn

LENGTHS = (7, 31, 0, 4, 20, 4, 1, 12, 9)


def few(net: Wavernn, lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """So few streams side by side, in calls of few samples."""
    assert isinstance(net._backend, Joining)
    monkeypatch.setattr(type(net._backend), "lanes", lanes)
    monkeypatch.setattr(generation, "CHUNK", 13)


@pytest.mark.parametrize(
    ("name", "backend", "lanes"),
    [
        ("plain", "native", 1),
        ("plain", "native", 3),
        ("split", "native", 2),
        ("mixture, one of each", "native", 5),
        ("one sample a frame", "native", 3),
        ("plain", "fused", 3),
    ],
)
def test_streams_enter_and_leave(
    name: str, backend: str, lanes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = load(name, backend)
    mels = [spectrogram(net.config, length, seed=length) for length in LENGTHS]
    alone = [net.generate(mel, streams=[n], seed=3)[0] for n, mel in enumerate(mels)]
    few(net, lanes, monkeypatch)
    done: list[int] = []
    together = net.generate(mels, seed=3, progress=done.append)
    for given, expected in zip(together, alone, strict=True):
        np.testing.assert_allclose(given, expected, rtol=0, atol=0 if backend == "native" else 1e-5)
    assert done == sorted(done)
    assert done[-1] == sum(LENGTHS) * net.config.hop_length


@pytest.mark.parametrize("compute_type", ["bfloat16", "int8"])
def test_streams_of_other_types(compute_type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    net = Wavernn(*make("plain"), "native", compute_type=compute_type)
    mels = [spectrogram(net.config, length, seed=length) for length in (9, 2, 6, 5)]
    alone = [net.generate(mel, streams=[n])[0] for n, mel in enumerate(mels)]
    few(net, 2, monkeypatch)
    for given, expected in zip(net.generate(mels), alone, strict=True):
        assert np.array_equal(given, expected)


def test_each_comes_when_it_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    net = load("plain", "native")
    mels = [spectrogram(net.config, length, seed=length) for length in (2, 9, 0, 5)]
    few(net, 2, monkeypatch)
    ended = list(net.utterances(mels, seed=1))
    assert [place for place, _ in ended] == [2, 3, 0, 1]  # 5 and then 2 frames beside 9
    whole = net.generate(mels, seed=1)
    for place, audio in ended:
        assert np.array_equal(audio, whole[place])


def test_pieces_that_end_within_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    net = load("plain", "native")
    mels = [spectrogram(net.config, length, seed=length) for length in (40, 33)]
    expected = net.generate(mels, fold=(10, 5))
    few(net, 3, monkeypatch)
    for given, whole in zip(net.generate(mels, fold=(10, 5)), expected, strict=True):
        assert np.array_equal(given, whole)


def test_backends_whose_streams_begin_together(monkeypatch: pytest.MonkeyPatch) -> None:
    net, native = load("plain", "graph"), load("plain", "native")
    assert not isinstance(net._backend, Joining)
    mels = [spectrogram(net.config, length, seed=length) for length in (3, 8, 5)]
    monkeypatch.setattr(generation, "STREAMS", 2)
    for given, expected in zip(net.generate(mels), native.generate(mels), strict=True):
        np.testing.assert_allclose(given, expected, rtol=0, atol=1e-5)
