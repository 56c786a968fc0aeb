"""Folding: fatchord/WaveRNN's batched mode, against its equations written out sample by sample."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from wavernn_models import load, make, spectrogram

from tfopt.randomness import uniforms
from tfopt.wavernn import folding
from tfopt.wavernn.folding import Fold
from tfopt.wavernn.reference import Reference
from tfopt.wavernn.samples import audio

SIZES = [(4, 2), (7, 3), (5, 5), (6, 0), (3, 1), (1, 0), (1, 1), (50, 11)]


def spans(time: int, target: int, overlap: int) -> list[tuple[int, int]]:
    """Pieces of target + 2 overlap, one more if samples are left; here the last ends with the audio."""
    count = max((time - overlap) // (target + overlap), 0)
    if time > count * (target + overlap) + overlap or count == 0:
        count += 1
    begins = [i * (target + overlap) for i in range(count)]
    return [(begin, min(begin + target + 2 * overlap, time)) for begin in begins]


def gain(place: int, overlap: int) -> tuple[float, float]:
    """What fades in and what fades out at a place in the overlap: half of it waits, half cross-fades."""
    silent = overlap // 2
    if place < silent:
        return 0.0, 1.0
    steps = overlap - silent
    t = -1.0 if steps == 1 else -1 + 2 * (place - silent) / (steps - 1)
    return math.sqrt(0.5 * (1 + t)), math.sqrt(0.5 * (1 - t))


def unfolded(pieces: list[NDArray[Any]], target: int, overlap: int) -> NDArray[Any]:
    time = (len(pieces) - 1) * (target + overlap) + len(pieces[-1])
    result = np.zeros(time)
    for number, piece in enumerate(pieces):
        begin = number * (target + overlap)
        for place, value in enumerate(piece):
            factor = 1.0
            if number > 0 and place < overlap:
                factor = gain(place, overlap)[0]
            if number < len(pieces) - 1 and place >= target + overlap:
                factor = gain(place - target - overlap, overlap)[1]
            result[begin + place] += factor * value
    return np.clip(result, -1, 1)


@pytest.mark.parametrize(("target", "overlap"), SIZES)
def test_pieces(target: int, overlap: int) -> None:
    fold = Fold(target, overlap)
    for time in range(6 * (target + overlap) + 3):
        pieces = fold.pieces(time)
        assert [(piece.begin, piece.end) for piece in pieces] == spans(time, target, overlap)
        assert sum(piece.share for piece in pieces) == time
        ends = [piece.draws_from + piece.end - piece.begin for piece in pieces]
        assert all(e <= p.draws_from for e, p in zip(ends[:-1], pieces[1:], strict=True))


@pytest.mark.parametrize(("target", "overlap"), SIZES)
def test_cross_fade(target: int, overlap: int) -> None:
    random, fold = np.random.default_rng(target), Fold(target, overlap)
    for time in (0, 1, target, target + overlap, 3 * (target + overlap), 100):
        pieces = [
            random.uniform(-1, 1, piece.end - piece.begin).astype(np.float32)
            for piece in fold.pieces(time)
        ]
        joined = fold.join(pieces)
        assert joined.shape == (time,)
        assert joined.dtype == np.float32
        np.testing.assert_allclose(joined, unfolded(pieces, target, overlap), rtol=0, atol=1e-6)


def test_the_power_of_independent_pieces_is_kept() -> None:
    gains = np.array([gain(place, 20) for place in range(20)])
    np.testing.assert_allclose((gains**2).sum(1), 1)
    noise = np.random.default_rng(0).normal(0, 0.1, (2, 4000, 100)).astype(np.float32)
    seams = [Fold(60, 20).join([a, b])[80:100] for a, b in zip(*noise, strict=True)]
    assert np.mean(np.square(seams), 0) == pytest.approx(0.01, rel=0.12)


def bands(sound: NDArray[Any]) -> NDArray[Any]:
    """Levels in dB in 24 bands, equally wide in mel, up to half of 22,050 Hz."""
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 2048)) ** 2
    mel = np.log10(1 + np.fft.rfftfreq(2048, 1 / 22_050) / 700)
    places = np.digitize(mel, np.linspace(mel[0], mel[-1], 25)[1:-1])
    levels: NDArray[Any] = 10 * np.log10(np.bincount(places, power, 24) + 1e-9)
    return levels


@pytest.mark.parametrize(("harmonics", "folded", "another"), [(0, 2.5, 2.5), (90, 2.1, 0.3)])
def test_a_seam_costs_what_the_documentation_says(
    harmonics: int, folded: float, another: float
) -> None:
    # A seam is the same, however far the next one is.
    fold, random = Fold(1100, 550), np.random.default_rng(0)
    seam = fold.period + 550 // 2 + 550 // 4
    around = slice(seam - 512, seam + 512)
    numbers = np.arange(1, harmonics + 1)[:, np.newaxis]
    angles = 2 * np.pi * 120 / 22_050 * numbers * np.arange(fold.period + fold.length)

    def take() -> NDArray[Any]:
        phases = random.uniform(0, 2 * np.pi, numbers.shape)
        tones = (np.cos(angles + phases) / np.maximum(numbers, 1)).sum(0)
        noise = random.normal(0, 0.1, len(tones))
        return noise if not harmonics else 0.1 * tones / tones.std() + noise * 10**-1.5

    found = []
    for _ in range(40):
        first, second, whole = take(), take(), take()
        pieces = [first[: fold.length], second[fold.period :]]
        joined = fold.join([piece.astype(np.float32) for piece in pieces])
        given = [bands(sound[around]) for sound in (joined, first, whole)]
        found.append([np.sqrt(np.mean((level - given[2]) ** 2)) for level in given[:2]])
    assert np.mean(found, 0) == pytest.approx([folded, another], rel=0.2)


def test_the_target_is_rounded_up_to_whole_frames() -> None:
    assert folding.checked((11000, 550), 275) == Fold(11000, 550)
    assert folding.checked([10999, np.int64(550)], 275) == Fold(11000, 550)
    assert folding.checked((1, 0), 6) == Fold(6, 0)
    assert folding.checked((7, 7), 6) == Fold(11, 7)


@pytest.mark.parametrize("backend", ["cached", "native"])
@pytest.mark.parametrize("name", ["plain", "split", "mixture"])
def test_generate_folded(name: str, backend: str) -> None:
    """Every piece is what the reference draws of its part of the conditioning, from nothing."""
    config, weights = make(name)
    slow, target, overlap = Reference(config, weights, np.float64), 38, 10
    mel = spectrogram(config, 17)
    fold = folding.checked((target, overlap), config.hop_length)
    time = 17 * config.hop_length
    rows, pieces = slow.rows(mel, time), []
    for number, (begin, end) in enumerate(spans(time, fold.target, overlap)):
        first = number * (fold.target + 2 * overlap)
        numbers = uniforms(3, [9], first, end - begin, config.uniforms)[0].astype(np.float64)
        pieces.append(audio(config, slow.start().generate(numbers, rows[begin:end], 0.9)))
    assert len(pieces) > 1
    given = load(name, backend).generate(
        mel, seed=3, streams=[9], temperature=0.9, fold=(target, overlap)
    )
    assert given.shape == (1, time)
    expected = unfolded(pieces, fold.target, overlap)
    np.testing.assert_allclose(given[0], expected, rtol=0, atol=1e-4)


def test_several_utterances_are_folded_each_for_itself() -> None:
    net = load("plain", "native")
    mels = [spectrogram(net.config, n, seed=n) for n in (31, 0, 4, 20)]
    done: list[int] = []
    together = net.generate(mels, fold=(24, 6), seed=2, progress=done.append)
    for number, (mel, given) in enumerate(zip(mels, together, strict=True)):
        alone = net.generate(mel, fold=(24, 6), seed=2, streams=[number])
        assert np.array_equal(given, alone[0])
    assert done == sorted(done)
    assert done[-1] == 55 * 6


def test_more_pieces_than_are_generated_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    net = load("plain", "native")
    monkeypatch.setattr(type(net._backend), "lanes", 20)
    mels = [spectrogram(net.config, 20 - n, seed=n) for n in (1, 2)]
    done: list[int] = []
    together = net.generate(mels, fold=(5, 1), progress=done.append)
    for number, (mel, given) in enumerate(zip(mels, together, strict=True)):
        assert np.array_equal(given, net.generate(mel, fold=(5, 1), streams=[number])[0])
    assert done == sorted(done)
    assert done[-1] == sum(len(mel) for mel in mels) * 6


def test_an_utterance_of_one_piece_is_not_changed() -> None:
    net = load("plain", "native")
    mel = spectrogram(net.config, 6)
    assert np.array_equal(net.generate(mel, fold=(24, 6)), net.generate(mel))


@pytest.mark.parametrize(
    ("fold", "message"),
    [
        (5, "expected \\(target, overlap\\), two integers, got 5"),
        ((5,), "expected \\(target, overlap\\), two integers, got \\(5,\\)"),
        ((5, 2, 1), "expected \\(target, overlap\\), two integers"),
        ((5.0, 2), "expected \\(target, overlap\\), two integers, got \\(5.0, 2\\)"),
        ((True, 0), "expected \\(target, overlap\\), two integers"),
        ("ab", "expected \\(target, overlap\\), two integers, got 'ab'"),
        ((0, 0), "expected 1 <= target and 0 <= overlap <= target, got \\(0, 0\\)"),
        ((-3, 1), "expected 1 <= target and 0 <= overlap <= target"),
        ((3, -1), "expected 1 <= target and 0 <= overlap <= target"),
        ((3, 4), "expected 1 <= target and 0 <= overlap <= target, got \\(3, 4\\)"),
    ],
)
def test_what_is_no_fold(fold: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^fold: {message}"):
        folding.checked(fold, 6)
