"""What conditions a WaveRNN: the reference's numbers, and the same bits however frames arrive."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from wavernn_models import MODELS, make, spectrogram

from tfopt.generation.conditioning import ArrivingConditioning
from tfopt.generation.window import Part
from tfopt.wavernn.backends import BACKENDS, mel_resnet
from tfopt.wavernn.backends.protocol import Conditioning
from tfopt.wavernn.conditioning import arriving, side_by_side, upsampled
from tfopt.wavernn.mel_resnet import BLOCK
from tfopt.wavernn.reference import Reference
from tfopt.wavernn.upsampling import UpsamplingNetwork

Array = NDArray[np.float32]
Rows = ArrivingConditioning[Conditioning]


def upsampling_network(name: str, backend: str = "graph") -> UpsamplingNetwork:
    """That of a model; with `native` its residual network is the op."""
    config, weights = make(name)
    ready = BACKENDS[backend](config, weights, None, "float32")
    return UpsamplingNetwork(config, weights, mel_resnet(ready, config, weights))


on_both = pytest.mark.parametrize("backend", ["graph", "native"])


def pieces(frames: Array, ends: list[int]) -> Iterator[Array]:
    """Frames [batch, time, bands], cut behind the numbers of frames given."""
    return iter(np.split(frames, ends, axis=1))


def joined(network: UpsamplingNetwork, rows: Rows, most: int) -> tuple[Array, Array]:
    """All conditioning, at the sample rate: mels and aux, [batch, time, …]."""
    mels, aux = [], []
    while (part := rows.take(most)) is not None:
        assert 0 < part.mels.shape[1] <= most
        mels.append(part.mels)
        aux.append(at_sample_rate(network, part))
    return np.concatenate(mels, 1), np.concatenate(aux, 1)


def at_sample_rate(network: UpsamplingNetwork, part: Conditioning) -> Array:
    places = (part.offset + np.arange(part.mels.shape[1])) // network.hop_length
    assert part.aux.shape[1] == places[-1] + 1, "a frame too many"
    return part.aux[:, places]


@on_both
@pytest.mark.parametrize("name", MODELS)
def test_it_equals_the_reference(name: str, backend: str) -> None:
    config, weights = make(name)
    mel = spectrogram(config, 2, 2 * BLOCK + 3)
    network = upsampling_network(name, backend)
    mels, aux = joined(network, upsampled(network, arriving(iter([mel]), config.pad)), 10_000)
    for row in range(2):
        expected_mels, expected_aux = Reference(config, weights, np.float64).upsample(mel[row])
        frame_rate = expected_aux.reshape(len(expected_aux), -1)
        expected = expected_mels, np.repeat(frame_rate, config.hop_length, axis=0)
        for given, wanted in zip((mels[row], aux[row]), expected, strict=True):
            assert given.shape == wanted.shape
            np.testing.assert_allclose(given, wanted, rtol=0, atol=3e-6 * np.abs(wanted).max())


@on_both
@pytest.mark.parametrize("name", MODELS)
def test_pieces_equal_the_whole(name: str, backend: str) -> None:
    """To the last bit: frames one by one, in any pieces, alone or in a batch, from any sample on."""
    config, network = make(name)[0], upsampling_network(name, backend)
    frames = 3 * BLOCK + 5
    mel = spectrogram(config, 3, frames)

    def rows(mel: Array, ends: list[int]) -> Rows:
        return upsampled(network, arriving(pieces(mel, ends), config.pad))

    whole = joined(network, rows(mel, []), 10_000)
    assert whole[0].shape[1] == frames * config.hop_length
    cuts: list[tuple[list[int], int]] = [
        (list(range(1, frames)), 10_000),
        ([0, 1, 1, 2, 9, 20], 7),
        ([frames], 5),
    ]
    for ends, most in cuts:
        for given, wanted in zip(joined(network, rows(mel, ends), most), whole, strict=True):
            assert np.array_equal(given, wanted), (ends, most, np.abs(given - wanted).max())
    alone = joined(network, rows(mel[1:2], [4, 5]), 50)
    assert all(np.array_equal(a, w[1:2]) for a, w in zip(alone, whole, strict=True))
    padded = np.pad(mel[2], ((config.pad, config.pad), (0, 0)))
    firsts = (0, 1, BLOCK, 2 * BLOCK + 1)
    parts, count = [Part(padded, frame) for frame in firsts], 3 * config.hop_length - 1
    for start in (0, 1, 2 * config.hop_length):
        part = side_by_side(network, parts, start, count)
        for row, frame in enumerate(firsts):
            begin = frame * config.hop_length + start
            found = part.mels[row], at_sample_rate(network, part)[row]
            for given, wanted in zip(found, whole, strict=True):
                assert np.array_equal(given, wanted[2, begin : begin + count]), (frame, start)


@pytest.mark.parametrize("name", MODELS)
def test_later_frames_change_nothing_before_the_look_ahead(name: str) -> None:
    """And what is `look_ahead` frames behind does change the samples of a frame."""
    config, weights = make(name)
    network, judge = upsampling_network(name), Reference(config, weights)
    mel, hop = spectrogram(config, 12), config.hop_length
    for behind, changes in ((network.look_ahead, True), (network.look_ahead + 1, False)):
        other = mel.copy()
        other[4 + behind] += 1
        (mels, aux), (mels_2, aux_2) = judge.upsample(mel), judge.upsample(other)
        here = slice(4 * hop, 5 * hop)
        same = np.array_equal(mels[here], mels_2[here]) and np.array_equal(aux[4], aux_2[4])
        assert same != changes


def test_no_frames() -> None:
    config, network = make("plain")[0], upsampling_network("plain")
    for ends in ([], [0, 0]):
        frames = arriving(pieces(np.zeros([2, 0, 5], np.float32), ends), config.pad)
        assert upsampled(network, frames).take(10) is None


def test_only_needed_frames_are_kept() -> None:
    config, network = make("plain")[0], upsampling_network("plain")
    frames = arriving(pieces(spectrogram(config, 1, 60), list(range(1, 60))), config.pad)
    rows, most = upsampled(network, frames), 0
    while rows.take(100) is not None:
        most = max(most, frames.kept.shape[1])
    assert most <= 2 * config.pad + 2
