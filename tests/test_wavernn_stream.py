"""Audio in pieces is the audio at once, to the last bit; frames are taken when they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from wavernn_models import MODELS, load, on_backends, spectrogram

from tfopt import wavernn
from tfopt.generation.pieces import CHUNK


@pytest.mark.parametrize(
    ("name", "backend"), on_backends("plain", "split", "mixture, one of each", "no pad")
)
def test_pieces_equal_the_whole(name: str, backend: str) -> None:
    """However frames and samples are cut."""
    net = load(name, backend)
    frames = 4 if backend == "naive" else 19
    mel = spectrogram(net.config, 2, frames)
    given: dict[str, Any] = {"seed": 6, "temperature": 0.9, "streams": [5, 2]}
    whole = net.generate(mel, **given)
    assert whole.shape == (2, frames * net.config.hop_length)
    for ends, chunk in (
        (range(1, frames), None),
        ([0, 1, 3, 3], 7),
        ([], 1000),
    ):
        parts = list(net.stream(np.split(mel, ends, axis=1), chunk=chunk, **given))
        joined = np.concatenate(parts, axis=1)
        assert joined.shape == whole.shape
        assert np.array_equal(joined, whole), (ends, chunk, (joined != whole).sum())
        if chunk is not None:
            assert {part.shape[1] for part in parts[:-1]} <= {chunk}


@pytest.mark.parametrize("backend", ["cached", "graph", "fused", "native"])
def test_pieces_of_a_wide_model_equal_the_whole(backend: str) -> None:
    net = load("wide", backend)
    mel = spectrogram(net.config, 10)
    parts = list(net.stream(np.split(mel, [1, 8]), chunk=37))
    assert np.array_equal(np.concatenate(parts, axis=1), net.generate(mel))


@pytest.mark.parametrize("backend", ["graph", "native"])
def test_long_pieces(backend: str) -> None:
    """More than a backend is asked for at once."""
    net = load("plain", backend)
    mel = spectrogram(net.config, CHUNK // 6 + 40)
    parts = list(net.stream([mel[:3], mel[3:]]))
    assert [part.shape[1] for part in parts][:2] == [6, CHUNK]
    assert np.array_equal(np.concatenate(parts, axis=1), net.generate(mel))


@pytest.mark.parametrize("name", MODELS)
def test_the_look_ahead_is_what_a_stream_waits_for(name: str) -> None:
    net = load(name, "cached")
    taken = []

    def source() -> Iterator[NDArray[np.float32]]:
        for number in range(7):
            taken.append(number)
            yield spectrogram(net.config, 1, seed=number)

    done, waited = 0, []
    for part in net.stream(source(), chunk=1):
        if done % net.config.hop_length == net.config.hop_length - 1:
            waited.append(len(taken) - done // net.config.hop_length - 1)
        done += part.shape[1]
    assert done == 7 * net.config.hop_length
    assert waited == [min(net.look_ahead, 6 - frame) for frame in range(7)]


def test_the_look_ahead_of_fatchords_settings() -> None:
    """The residual network's two frames; the three stages reach 1 + 1/5 + 1/25 frames."""
    factors = {"upsample_factors": [5, 5, 11], "rnn_channels": 2, "fc_channels": 2}
    for pad, look_ahead in ((2, 2), (3, 3), (0, 2)):
        config = wavernn.WavernnConfig.from_dict(MODELS["plain"] | factors | {"pad": pad}, "here")
        net = wavernn.Wavernn(config, wavernn.random_weights(config, 0), "cached")
        assert net.look_ahead == look_ahead


def test_no_frames() -> None:
    net = load("plain", "cached")
    assert list(net.stream([np.zeros([0, 5])])) == []
    assert list(net.stream([np.zeros([2, 0, 5])] * 3, chunk=5)) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"chunk": 0}, "chunk: expected an integer >= 1, got 0"),
        ({"seed": -1}, "seed: expected an integer"),
        ({"temperature": "hot"}, "temperature: expected a number >= 0, got 'hot'"),
        ({"streams": []}, "streams: expected integers from 0"),
        ({"mel_chunks": np.ones([2, 5])}, "mel_chunks: expected pieces .*, got ndarray"),
        ({"mel_chunks": 3}, "mel_chunks: expected pieces in an iterable, got int"),
        ({"mel_chunks": None}, "mel_chunks: expected pieces in an iterable, got NoneType"),
    ],
)
def test_the_call_rejects(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        load("plain", "cached").stream(**{"mel_chunks": [], **arguments})


@pytest.mark.parametrize(
    ("chunks", "message"),
    [
        ([], "mel_chunks: expected at least one piece, got none"),
        ([np.ones([2, 4])], "mel: expected .* got \\[2, 4\\]"),
        ([np.ones([2, 5]), np.ones([2, 2, 5])], "mel: expected 1 streams, .* got 2"),
        ([np.ones([2, 5]), np.full([2, 5], np.nan)], "mel: expected finite"),
    ],
)
def test_a_piece_is_rejected_when_it_is_taken(chunks: list[Any], message: str) -> None:
    parts = load("plain", "cached").stream(chunks)
    with pytest.raises(ValueError, match=f"^{message}"):
        list(parts)
