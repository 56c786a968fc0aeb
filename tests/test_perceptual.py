"""STOI and PESQ of generated speech, and the distance of mel spectrograms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from vocode_files import FEATURES, RATE

from tfopt.evaluation import mel_distance, perceptual
from tfopt.features import mel_spectrogram

Array = NDArray[np.float32]


def speech(rate: int = 16_000, seconds: float = 2.0) -> Array:
    """Bursts of harmonics: loud and quiet in turns, as speech is."""
    time = np.arange(round(rate * seconds)) / rate
    tone = sum(np.sin(2 * np.pi * 140 * k * time) / k for k in range(1, 20))
    loud = np.sin(2 * np.pi * 3 * time) > 0
    return (0.1 * tone * loud).astype(np.float32)


def noisy(signal: Array, level: float) -> Array:
    noise = np.random.default_rng(1).normal(0, level, len(signal))
    return (signal + noise).astype(np.float32)


@pytest.mark.parametrize("rate", [16_000, 22_050])
def test_worse_speech_has_lower_scores(rate: int) -> None:
    signal = speech(rate)
    same, good, bad = (
        perceptual.scores(noisy(signal, level), signal, rate) for level in (0, 0.005, 0.1)
    )
    assert same["stoi"] == pytest.approx(1, abs=1e-3)
    assert same["pesq"] > 4.5
    for name in ("stoi", "pesq"):
        assert same[name] >= good[name] > bad[name]


@pytest.mark.parametrize("recording", [np.zeros(32_000, np.float32), speech(seconds=0.4)])
def test_nothing_is_said_of_silence_and_of_little_speech(recording: Array) -> None:
    assert perceptual.scores(noisy(recording, 0.1), recording, 16_000) == {}


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    perceptual.check()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "pesq" else name)
    with pytest.raises(ImportError, match=r"STOI and PESQ need pesq; .*tfopt\[evaluation\]"):
        perceptual.check()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"min_level_db": None},
        {"min_level_db": None, "log": "ln"},
        {"min_level_db": None, "log": "log10", "spectrum": "power"},
    ],
)
def test_twice_as_loud_is_6_db_in_every_unit(settings: dict[str, object]) -> None:
    features = replace(FEATURES, floor=1e-12, **settings)  # type: ignore[arg-type]
    signal = noisy(np.zeros(RATE, np.float32), 0.01)
    mel = mel_spectrogram(signal, features, RATE)
    distances = mel_distance.frame_distances(2 * signal, mel[:-3], features, RATE)
    assert distances.shape == (len(mel) - 3,)
    np.testing.assert_allclose(distances, 20 * np.log10(2), rtol=1e-3)
