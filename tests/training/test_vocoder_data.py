"""What vocoders are trained on, and never on what is held out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]
from vocoder_package import write_package

from tfopt import mu_law
from tfopt.features import mel_spectrogram
from tfopt.features.settings import MelSettings
from training.vocoders import corpus
from training.vocoders.corpus import Utterance
from training.vocoders.segments import Segments, Shape, Source, validation

HOP, BANDS = 50, 4
FEATURES = MelSettings(fft_size=128, window_length=100, hop_length=HOP, bands=BANDS, log="log10")
SHAPE = Shape(batch=16, frames=3, context=2, margin=1, hop_length=HOP, classes=64)


def numbered(count: int, frames: int = 9) -> list[Utterance]:
    """Utterances that say where each of their samples and frames is from."""
    found = []
    for number in range(count):
        audio = np.full(frames * HOP + 7, (number + 1) / 100, np.float32)
        mel = np.zeros([frames + 1, BANDS], np.float32)
        mel[:, 0], mel[:, 1] = number + 1, np.arange(1, frames + 2)
        found.append(Utterance(f"u{number}", audio, mel))
    return found


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The data's folder, with the package as if it had been fetched."""
    return write_package(tmp_path, samples=400)


def test_held_out_utterances_are_these() -> None:
    """The list may never change: what was trained on stays trained on."""
    names = corpus.held_out()
    assert len(set(names)) == len(names) == 60
    assert names == sorted(names)
    assert (names[0], names[30], names[-1]) == ("ru_0009", "ru_0388", "ru_0840")


def test_nothing_is_both_trained_on_and_held_out(package: Path) -> None:
    files = corpus.find(package)
    assert [path.stem for path in files.training] == ["ru_0001", "ru_0002", "ru_0003"]
    assert [path.stem for path in files.held_out] == corpus.held_out()


def test_other_releases_are_refused(package: Path) -> None:
    corpus.find(package).held_out[7].unlink()
    with pytest.raises(ValueError, match=r"expected recordings .* to be held out"):
        corpus.find(package)


def test_recordings_are_read_with_their_frames(package: Path) -> None:
    path = corpus.find(package).training[0]
    utterance = corpus.read(path, FEATURES, 16_000)
    audio, rate = soundfile.read(path, dtype="float32")
    assert (utterance.name, rate) == ("ru_0001", 16_000)
    np.testing.assert_array_equal(utterance.audio, audio)
    np.testing.assert_array_equal(utterance.mel, mel_spectrogram(audio, FEATURES, 16_000))


def test_segments_hold_one_utterance_and_its_own_frames() -> None:
    source = Source(numbered(5), SHAPE)
    seen = set()
    for step in range(40):
        inputs, targets = source.draw(np.random.default_rng(step))
        assert inputs["fed"].shape == (16, 5 * HOP)
        assert inputs["mel"].shape == (16, 7, BANDS)
        assert targets.shape == (16, 3 * HOP)
        # A target is fed one step later.
        np.testing.assert_array_equal(inputs["fed"][:, 2 * HOP + 1 :], targets[:, :-1])
        numbers = inputs["mel"][:, 3, 0].astype(int)  # a frame that is always inside
        for number, frames, classes in zip(numbers, inputs["mel"], targets, strict=True):
            assert set(frames[:, 0].astype(int)) <= {0, number}
            assert set(classes) == set(mu_law.encode([number / 100], SHAPE.classes))
        seen |= set(numbers)
    assert seen == {1, 2, 3, 4, 5}


def test_beyond_an_utterance_are_silence_and_zeros() -> None:
    inputs, _ = Source(numbered(1), SHAPE).cut([(0, 0), (0, 6)])
    assert inputs["mel"][0, :, 1].tolist() == [0, 0, 0, 1, 2, 3, 4]
    assert inputs["mel"][1, :, 1].tolist() == [4, 5, 6, 7, 8, 9, 10]
    assert (inputs["fed"][0, : 2 * HOP + 1] == 32).all()
    assert (inputs["fed"][0, 2 * HOP + 1 :] != 32).all()
    assert (inputs["fed"][1] != 32).all()


def test_batches_depend_on_seed_epoch_and_step_alone() -> None:
    source = Source(numbered(5), SHAPE)

    def drawn(seed: int, epoch: int, step: int) -> bytes:
        segments = Segments(source, 10, seed)
        segments.epoch = epoch
        inputs, _ = segments[step]
        return inputs["mel"].tobytes()

    keys = [(1, 0, 0), (1, 0, 1), (1, 1, 0), (2, 0, 0)]
    first = [drawn(*key) for key in keys]
    assert len(set(first)) == 4
    assert [drawn(*key) for key in reversed(keys)] == first[::-1]
    fixed = validation(source, 3)
    assert len(fixed) == 3
    assert fixed[1][0]["mel"].tobytes() not in first


def test_most_segments_are_speech() -> None:
    utterance = numbered(1, frames=200)[0]
    utterance.mel[:, 0] = 0
    utterance.mel[:, 1] = np.where(np.arange(201) < 180, -5, 0)  # nine tenths are silent
    inputs, _ = Source([utterance], SHAPE).draw(np.random.default_rng(0))
    loud = (inputs["mel"][:, 3:6, 1] == 0).any(axis=1)
    assert 0.6 < loud.mean() <= 1


def test_utterances_that_are_too_short_are_left_out() -> None:
    short = numbered(1, frames=2)
    assert Source([*short, *numbered(1)], SHAPE).cut([(0, 0)])
    with pytest.raises(ValueError, match="expected one of at least 3 frames"):
        Source(short, SHAPE)
