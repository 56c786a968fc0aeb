"""Mel spectrograms are librosa's. Run by `make features-test`, where librosa is installed."""

from __future__ import annotations

from typing import Any

import librosa
import numpy as np
import pytest

from tfopt.features import MelSettings, mel_spectrogram
from tfopt.features.filterbank import filterbank

FATCHORD: dict[str, Any] = {
    "fft_size": 2048,
    "window_length": 1100,
    "hop_length": 275,
    "bands": 80,
    "fmin": 40.0,
    "floor": 1e-5,
    "log": "db",
    "min_level_db": -100.0,
}
SETTINGS: list[tuple[int, dict[str, Any]]] = [
    (22_050, FATCHORD),
    (24_000, FATCHORD | {"fmax": 7600.0, "padding": "zeros", "min_level_db": None, "log": "ln"}),
    (
        16_000,
        {"fft_size": 512, "window_length": 400, "hop_length": 160, "bands": 40, "log": "log10"},
    ),
    (8_000, FATCHORD | {"scale": "htk", "norm": "none", "spectrum": "power"}),
    (8_000, FATCHORD | {"scale": "htk", "spectrum": "power", "log": "ln", "min_level_db": None}),
    (48_000, FATCHORD | {"fft_size": 1201, "fmin": 0.0, "bands": 20, "norm": "none"}),
]


@pytest.mark.parametrize(("rate", "settings"), SETTINGS)
def test_filterbank(rate: int, settings: dict[str, Any]) -> None:
    ours = filterbank(made := MelSettings(**settings), rate)
    theirs = librosa.filters.mel(**arguments(rate, made), dtype=np.float64).T
    # Differences of frequencies up to rate / 2 over the width of a band: some rounding errors of float64.
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12 * theirs.max())


@pytest.mark.parametrize(("rate", "settings"), SETTINGS)
@pytest.mark.parametrize("samples", [2, 900, 22_050])
@pytest.mark.filterwarnings("ignore:n_fft=.* is too large for input signal")
def test_mel_spectrogram(rate: int, settings: dict[str, Any], samples: int) -> None:
    made = MelSettings(**settings)
    audio = speechlike(samples, rate)
    found = mel_spectrogram(audio, made, rate)
    np.testing.assert_allclose(found, librosas(audio, made, rate), rtol=2e-6, atol=2e-6)


def test_fatchords_own_steps() -> None:
    """`melspectrogram` of fatchord/WaveRNN's utils/dsp.py, with the padding of its time's librosa."""
    audio = speechlike(30_000, 22_050)
    spectrum = np.abs(
        librosa.stft(
            audio.astype(np.float64),
            n_fft=2048,
            hop_length=275,
            win_length=1100,
            pad_mode="reflect",
        )
    )
    mel = librosa.feature.melspectrogram(S=spectrum, sr=22_050, n_fft=2048, n_mels=80, fmin=40)
    level = 20 * np.log10(np.maximum(1e-5, mel))
    expected = np.clip((level + 100) / 100, 0, 1)
    found = mel_spectrogram(audio, MelSettings(**FATCHORD), 22_050)
    np.testing.assert_allclose(found, expected.T, rtol=0, atol=1e-6)
    assert expected.min() < 0.3 < 0.7 < expected.max()


def speechlike(samples: int, rate: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Harmonics that rise and fade, noise 60 dB below, and silence at the end."""
    random = np.random.default_rng(samples)
    time = np.arange(samples) / rate
    tones = sum(np.sin(2 * np.pi * k * 110 * time * (1 + time)) / k for k in range(1, 20))
    audio = 0.2 * np.exp(-2 * time) * tones + 2e-4 * random.normal(size=samples)
    audio[samples * 3 // 4 + 1 :] = 0
    return audio.astype(np.float32)


def arguments(rate: int, settings: MelSettings) -> dict[str, Any]:
    return {
        "sr": rate,
        "n_fft": settings.fft_size,
        "n_mels": settings.bands,
        "fmin": settings.fmin,
        "fmax": settings.fmax,
        "htk": settings.scale == "htk",
        "norm": None if settings.norm == "none" else settings.norm,
    }


def librosas(audio: Any, settings: MelSettings, rate: int) -> Any:
    spectrum = np.abs(
        librosa.stft(
            audio.astype(np.float64),
            n_fft=settings.fft_size,
            hop_length=settings.hop_length,
            win_length=settings.window_length,
            pad_mode="reflect" if settings.padding == "reflect" else "constant",
        )
    )
    if settings.spectrum == "power":
        spectrum = spectrum**2
    weights = librosa.filters.mel(**arguments(rate, settings), dtype=np.float64)
    bands = np.maximum(weights @ spectrum, settings.floor).T
    if settings.log == "db":
        level = (20 if settings.spectrum == "magnitude" else 10) * np.log10(bands)
        least = settings.min_level_db
        return level if least is None else np.clip((level - least) / -least, 0, 1)
    return np.log(bands) if settings.log == "ln" else np.log10(bands)
