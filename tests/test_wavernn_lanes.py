"""Utterances of different lengths, of which few go side by side: each as if it were alone."""

from __future__ import annotations

import numpy as np
import pytest
from wavernn_models import load, spectrogram

from tfopt.wavernn import generation
from tfopt.wavernn.backends.protocol import Joining

LENGTHS = (7, 31, 0, 4, 20, 4, 1, 12, 9)


@pytest.mark.parametrize("lanes", [1, 2, 3, 5])
@pytest.mark.parametrize("name", ["plain", "split", "mixture, one of each", "one sample a frame"])
def test_streams_enter_and_leave(name: str, lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    net = load(name, "native")
    mels = [spectrogram(net.config, length, seed=length) for length in LENGTHS]
    alone = [net.generate(mel, streams=[n], seed=3)[0] for n, mel in enumerate(mels)]
    monkeypatch.setattr(generation, "STREAMS", lanes)
    done: list[int] = []
    together = net.generate(mels, seed=3, progress=done.append)
    for given, expected in zip(together, alone, strict=True):
        assert np.array_equal(given, expected)
    assert done == sorted(done)
    assert done[-1] == sum(LENGTHS) * net.config.hop_length


def test_pieces_that_end_within_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    net = load("plain", "native")
    mels = [spectrogram(net.config, length, seed=length) for length in (40, 33)]
    expected = net.generate(mels, fold=(10, 5))
    monkeypatch.setattr(generation, "STREAMS", 3)
    for given, whole in zip(net.generate(mels, fold=(10, 5)), expected, strict=True):
        assert np.array_equal(given, whole)


def test_backends_whose_streams_begin_together(monkeypatch: pytest.MonkeyPatch) -> None:
    net, native = load("plain", "graph"), load("plain", "native")
    assert not isinstance(net._backend, Joining)
    assert isinstance(native._backend, Joining)
    mels = [spectrogram(net.config, length, seed=length) for length in (3, 8, 5)]
    monkeypatch.setattr(generation, "STREAMS", 2)
    for given, expected in zip(net.generate(mels), native.generate(mels), strict=True):
        np.testing.assert_allclose(given, expected, rtol=0, atol=1e-5)
