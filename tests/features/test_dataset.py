"""The `tf.data` pipeline gives the features of `mel_spectrogram`. Run by `make features-test`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]
import tensorflow as tf

from tfopt import audio_files
from tfopt.features import MelSettings, mel_spectrogram
from tfopt.features.dataset import mel_dataset
from tfopt.features.filterbank import filterbank

RATE = 22_050
SETTINGS = MelSettings(
    fft_size=2048, window_length=1100, hop_length=275, bands=80, fmin=40.0, min_level_db=-100.0
)
SUBTYPES = {
    "wav": ["PCM_16", "PCM_24", "FLOAT"],
    "flac": ["PCM_16", "PCM_24"],
}


def speechlike(samples: int, rate: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Harmonics below 3 kHz that fade into noise."""
    random = np.random.default_rng(samples)
    time = np.arange(samples) / rate
    tones = sum(np.sin(2 * np.pi * k * 150 * time) / k for k in range(1, 20))
    return 0.2 * np.exp(-2 * time) * tones + 1e-3 * random.normal(size=samples)


def expected(path: Path, settings: MelSettings = SETTINGS) -> Any:
    with path.open("rb") as file:
        return mel_spectrogram(audio_files.read(file, RATE), settings, RATE)


def features(paths: list[Path], settings: MelSettings = SETTINGS) -> list[Any]:
    pairs = list(mel_dataset(paths, settings, RATE).as_numpy_iterator())
    assert [path.decode() for path, _ in pairs] == [str(path) for path in paths]
    return [mel for _, mel in pairs]


def test_every_format(tmp_path: Path) -> None:
    paths: list[Path] = []
    for form, subtypes in SUBTYPES.items():
        for channels in (1, 2):
            for subtype in subtypes:
                path = tmp_path / f"{subtype}-{channels}.{form}"
                audio = speechlike(9000 + len(paths), RATE)[:, np.newaxis] * [1.0, 0.25][:channels]
                soundfile.write(path, audio, RATE, subtype)
                paths.append(path)
    for path, mel in zip(paths, features(paths), strict=True):
        assert mel.dtype == np.float32
        # The mean of two channels may be rounded otherwise.
        np.testing.assert_allclose(mel, expected(path), rtol=0, atol=2e-6, err_msg=path.name)


def test_no_files() -> None:
    assert features([]) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"padding": "zeros"},
        {"log": "ln", "min_level_db": None, "scale": "htk", "norm": "none"},
        {"spectrum": "power", "log": "log10", "min_level_db": None, "floor": 1e-10},
        {"spectrum": "power", "fmax": 8000.0, "min_level_db": None},
        {"fft_size": 1201, "window_length": 1001},
    ],
)
def test_every_setting(tmp_path: Path, changes: dict[str, Any]) -> None:
    settings = replace(SETTINGS, **changes)
    paths = [tmp_path / f"{samples}.wav" for samples in (1, 2, 300, 8000)]
    for path in paths:
        soundfile.write(path, speechlike(int(path.stem), RATE), RATE)
    for path, mel in zip(paths, features(paths, settings), strict=True):
        np.testing.assert_allclose(mel, expected(path, settings), rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 44_100, 48_000])
def test_other_rates(tmp_path: Path, rate: int) -> None:
    """tensorflow-io's resampler is no soxr: the tolerances are those that docs/vocode.md states."""
    path = tmp_path / "a.wav"
    soundfile.write(path, speechlike(2 * rate, rate), rate)
    (mel,), wanted = features([path]), expected(path)
    assert mel.shape == wanted.shape
    decibels = 100 * np.abs(mel - wanted)
    # Its filter begins to fall at 0.9 of half the lower rate; what is above is another matter.
    edge = 0.85 * min(rate, RATE) / 2
    above = filterbank(SETTINGS, RATE)[round(edge * SETTINGS.fft_size / RATE) :].any(axis=0)
    below = decibels[:, ~above]
    assert below.max() < 2
    assert below.mean() < 0.01


def test_bad_files(tmp_path: Path) -> None:
    good = tmp_path / "good.wav"
    soundfile.write(good, speechlike(3000, RATE), RATE)
    (tmp_path / "text.wav").write_text("no audio")
    (tmp_path / "cut.wav").write_bytes(good.read_bytes()[:30])
    (tmp_path / "short.wav").write_bytes(good.read_bytes()[:-100])
    (tmp_path / "nothing.wav").write_bytes(b"")
    soundfile.write(tmp_path / "bits.wav", np.zeros(100), RATE, "PCM_U8")
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), RATE)
    for name, message in (
        ("text.wav", "text.wav: expected WAV or FLAC"),
        ("cut.wav", "cut.wav: expected WAV or FLAC"),
        ("short.wav", "EOF reached|short.wav"),
        ("nothing.wav", "nothing.wav: expected WAV or FLAC"),
        ("bits.wav", "bits.wav: expected samples of"),
        ("empty.wav", "empty.wav: expected samples"),
    ):
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            features([tmp_path / name])
    with pytest.raises(ValueError, match="features: fmax: expected at most 11025 Hz"):
        mel_dataset([good], replace(SETTINGS, fmax=12_000.0), RATE)
