"""Mel spectrograms: what can be checked by hand, settings, files. tests/features has librosa's."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tfopt.features import MelSettings, mel_files, mel_spectrogram
from tfopt.features.filterbank import filterbank
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavernn.config import WavernnConfig

RATE = 8000
SETTINGS = MelSettings(fft_size=256, window_length=200, hop_length=50, bands=10)
WAVERNN: dict[str, Any] = {
    "sample_rate": RATE,
    "mel_channels": 10,
    "upsample_factors": [5, 10],
    "pad": 1,
    "resnet_channels": 4,
    "resnet_blocks": 1,
    "aux_channels": 2,
    "rnn_channels": 4,
    "fc_channels": 4,
    "output": "categorical",
    "bits": 4,
}
FEATURES: dict[str, Any] = {"fft_size": 256, "window_length": 200, "hop_length": 50, "bands": 10}


def test_bands_are_triangles_on_the_scale() -> None:
    # 0 to 4000 Hz in 10 bands: below 1 kHz Slaney's scale is linear.
    weights = filterbank(
        replace(SETTINGS, fft_size=4000, norm="none"), RATE
    )  # a frequency every 2 Hz
    assert weights.shape == (2001, 10)
    mel = 15 + 27 * np.log(4) / np.log(6.4)
    edges = [200 / 3 * mel / 11 * k for k in range(1, 5)]
    for band in range(3):
        assert 2 * weights[:, band].argmax() == pytest.approx(edges[band], abs=1)
        assert weights[:, band].max() == pytest.approx(1, abs=2 / (edges[1] - edges[0]))
        assert 2 * np.flatnonzero(weights[:, band])[-1] == pytest.approx(edges[band + 1], abs=2)
    # "slaney": each has the area 1.
    areas = 2 * filterbank(replace(SETTINGS, fft_size=4000), RATE).sum(axis=0)
    np.testing.assert_allclose(areas, 1, rtol=2e-3)
    # HTK's scale: 1000 Hz are 1000 mel, here the edge in the middle.
    settings = replace(SETTINGS, fft_size=8000, scale="htk", norm="none", bands=1)
    top = 700 * (10 ** (2000 / 2595) - 1)
    middle = filterbank(replace(settings, fmax=top), RATE)[:, 0].argmax()
    assert middle == pytest.approx(1000, abs=1)


def test_a_tone_is_in_its_band() -> None:
    time = np.arange(RATE) / RATE
    settings = replace(SETTINGS, log="ln")
    for hertz in (300, 1500, 3000):
        mel = mel_spectrogram(0.5 * np.sin(2 * np.pi * hertz * time), settings, RATE)
        assert mel.shape == (1 + RATE // 50, 10)
        assert mel.dtype == np.float32
        expected = filterbank(SETTINGS, RATE)[round(hertz * 256 / RATE)].argmax()
        assert set(mel[5:-5].argmax(axis=1)) == {expected}


def test_levels() -> None:
    """The logarithms are of one and the same sums; twice the amplitude is 6.02 dB more."""
    audio = 0.1 * np.random.default_rng(0).normal(size=1000)

    def mel(audio: Any = audio, **changes: Any) -> Any:
        return mel_spectrogram(audio, replace(SETTINGS, **changes), RATE).astype(np.float64)

    decibels = mel()
    np.testing.assert_allclose(mel(audio=2 * audio), decibels + 20 * np.log10(2), atol=1e-4)
    np.testing.assert_allclose(mel(log="log10") * 20, decibels, atol=1e-4)
    np.testing.assert_allclose(mel(log="ln"), decibels / 20 * np.log(10), atol=1e-4)
    low = float(np.median(decibels))
    scaled = mel(min_level_db=low)
    np.testing.assert_allclose(scaled, np.clip(1 - decibels / low, 0, 1), atol=1e-5)
    assert np.mean(scaled == 0) == pytest.approx(0.5, abs=0.01)
    power = mel(spectrum="power", audio=2 * audio) - mel(spectrum="power")
    np.testing.assert_allclose(power, 20 * np.log10(2), atol=1e-4)


def test_silence_is_the_floor() -> None:
    silence = np.zeros(333)
    assert np.all(mel_spectrogram(silence, SETTINGS, RATE) == -100)
    assert np.all(mel_spectrogram(silence, replace(SETTINGS, min_level_db=-100.0), RATE) == 0)
    floored = replace(SETTINGS, floor=1e-10, spectrum="power")
    assert np.all(mel_spectrogram(silence, floored, RATE) == -100)


@pytest.mark.parametrize("padding", ["reflect", "zeros"])
@pytest.mark.parametrize("samples", [1, 2, 49, 50, 127, 128, 129, 300, 50 * 300])
def test_lengths_and_blocks(padding: str, samples: int) -> None:
    """Every frame is what it is alone, whatever the length and the blocks it is computed in."""
    audio = np.random.default_rng(samples).normal(size=samples).astype(np.float32)
    settings = replace(SETTINGS, padding=padding, log="ln")
    mel = mel_spectrogram(audio, settings, RATE)
    assert len(mel) == 1 + samples // 50
    index = np.arange(-128, samples + 128)
    if padding == "reflect":  # 0 1 2 3 2 1 0 1 ...
        period = max(2 * (samples - 1), 1)
        around = audio[np.minimum(index % period, (-index) % period)]
    else:
        around = np.where((index >= 0) & (index < samples), audio[index % samples], 0)
    window = np.zeros(256)
    window[28:228] = np.sin(np.pi * np.arange(200) / 200) ** 2
    weights = filterbank(settings, RATE)
    for frame in {0, len(mel) // 2, len(mel) - 1}:
        piece = around[50 * frame : 50 * frame + 256].astype(np.float64) * window
        turns = np.exp(-2j * np.pi * np.outer(np.arange(129), np.arange(256)) / 256)
        sums = np.abs(turns @ piece) @ weights
        np.testing.assert_allclose(mel[frame], np.log(np.maximum(sums, 1e-5)), atol=1e-5)


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.zeros(0), r"audio: expected numbers \[samples\], at least one, got float64 \[0\]"),
        (np.zeros([2, 9]), r"audio: expected numbers \[samples\].* got float64 \[2, 9\]"),
        (np.array(["a"]), r"audio: expected numbers"),
        (np.array([0.0, np.nan]), "audio: expected finite float32 values, got NaN"),
    ],
)
def test_bad_audio(audio: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mel_spectrogram(audio, SETTINGS, RATE)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fft_size": 1}, "features: fft_size: expected an integer from 2 to 65536, got 1"),
        ({"fft_size": 256.0}, "features: fft_size: expected an integer"),
        ({"window_length": 257}, "features: window_length: expected an integer from 1 to 256, got"),
        ({"hop_length": 0}, "features: hop_length: expected an integer from 1"),
        ({"hop_length": 40}, "features: hop_length: expected 50, as the model's, got 40"),
        ({"bands": 80}, "features: bands: expected 10, as the model's, got 80"),
        ({"bands": True}, "features: bands: expected an integer from 1"),
        ({"fmin": -1}, "features: fmin: expected a frequency of at least 0 Hz, got -1"),
        ({"fmin": float("nan")}, "features: fmin: expected a frequency"),
        ({"fmin": "40"}, "features: fmin: expected a frequency of at least 0 Hz, got '40'"),
        ({"fmin": 4000}, "features: fmin: expected below 4000 Hz, half the rate, got 4000"),
        ({"fmin": 50, "fmax": 50}, "features: fmax: expected a frequency above fmin, 50 Hz, or"),
        ({"fmax": 4001}, "features: fmax: expected at most 4000 Hz, half the sample rate, got"),
        ({"scale": "bark"}, "features: scale: expected one of slaney, htk, got 'bark'"),
        ({"norm": None}, "features: norm: expected one of slaney, none, got None"),
        ({"spectrum": 2}, "features: spectrum: expected one of magnitude, power, got 2"),
        ({"log": "dB"}, "features: log: expected one of ln, log10, db, got 'dB'"),
        ({"padding": "edge"}, "features: padding: expected one of reflect, zeros, got 'edge'"),
        ({"floor": 0}, "features: floor: expected a number above 0, got 0"),
        ({"min_level_db": 0}, "features: min_level_db: expected a number below 0 with log 'db'"),
        ({"min_level_db": -100, "log": "ln"}, "features: min_level_db: expected a number below 0"),
        ({"n_fft": 256}, r"features: missing settings \[\], settings not known \['n_fft'\]"),
    ],
)
def test_bad_settings(changes: dict[str, Any], message: str) -> None:
    for config in (WavernnConfig, WavenetConfig):
        settings = WAVERNN if config is WavernnConfig else _wavenet()
        with pytest.raises(ValueError, match=f"^here: {message}"):
            config.from_dict(settings | {"features": FEATURES | changes}, "here")


def test_settings_that_are_none() -> None:
    wrong: list[object] = [[], "mel", 1]
    for given in wrong:
        with pytest.raises(ValueError, match="here: features: expected an object or null, got"):
            WavernnConfig.from_dict(WAVERNN | {"features": given}, "here")
    with pytest.raises(ValueError, match=r"missing settings \['bands', 'fft_size'"):
        WavernnConfig.from_dict(WAVERNN | {"features": {}}, "here")
    deaf = _wavenet() | {"local_channels": 0, "upsample_factors": [], "features": FEATURES}
    with pytest.raises(ValueError, match="features: expected null without local_channels"):
        WavenetConfig.from_dict(deaf, "here")


def test_configs_keep_settings() -> None:
    for config in (WavernnConfig, WavenetConfig):
        settings = WAVERNN if config is WavernnConfig else _wavenet()
        without = config.from_dict(settings | {"features": None}, "here")
        assert without.features is None
        assert "features" not in without.to_dict()
        made = config.from_dict(settings | {"features": FEATURES | {"fmax": 3000}}, "here")
        assert made.features == replace(SETTINGS, fmax=3000)
        assert config.from_dict(made.to_dict(), "here") == made


def npy(array: Any, **options: Any) -> io.BytesIO:
    file = io.BytesIO()
    np.save(file, array, **options)
    file.seek(0)
    return file


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.int16])
def test_layouts(kind: Any) -> None:
    frames = np.arange(21).reshape(7, 3).astype(kind)
    for array, layout in (
        (frames, "auto"),
        (frames.T, "auto"),
        (frames, "frames-first"),
        (frames.T, "bands-first"),
        (np.asfortranarray(frames), "auto"),
    ):
        mel = mel_files.read(npy(array), 3, layout)
        assert mel.dtype == np.float32
        assert mel.flags.c_contiguous
        np.testing.assert_array_equal(mel, np.arange(21).reshape(7, 3))
    square = np.arange(9.0).reshape(3, 3)
    np.testing.assert_array_equal(mel_files.read(npy(square), 3, "frames-first"), square)
    np.testing.assert_array_equal(mel_files.read(npy(square), 3, "bands-first"), square.T)


@pytest.mark.parametrize(
    ("array", "layout", "message"),
    [
        (np.zeros([3, 3]), "auto", r"\[3, 3\] may be \[frames, 3\] or \[3, frames\]: say which"),
        (np.zeros([7, 4]), "auto", r"expected .* \[frames, 3\] or \[3, frames\], got \[7, 4\]"),
        (np.zeros([3, 7]), "frames-first", r"spectrogram \[frames, 3\], got \[3, 7\]"),
        (np.zeros([7, 3]), "bands-first", r"spectrogram \[3, frames\], got \[7, 3\]"),
        (np.zeros([1, 7, 3]), "auto", r"got \[1, 7, 3\]"),
        (np.zeros(3), "auto", r"got \[3\]"),
        (np.zeros([]), "auto", r"got \[\]"),
        (np.zeros([0, 3]), "auto", r"expected at least one frame, got \[0, 3\]"),
        (np.full([7, 3], np.nan), "auto", "expected finite float32 values, got NaN or infinity"),
        (np.full([7, 3], 1e300), "auto", "expected finite float32 values"),
        (np.zeros([7, 3], bool), "auto", "expected a mel spectrogram of real numbers, got bool"),
        (np.zeros([7, 3], complex), "auto", "expected a mel spectrogram of real numbers, got com"),
        (np.full([7, 3], "a"), "auto", "expected a mel spectrogram of real numbers, got <U1"),
        (np.full([7, 3], None), "auto", "cannot read it as a .npy file: Object arrays cannot be"),
    ],
)
def test_bad_files(array: Any, layout: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mel_files.read(npy(array, allow_pickle=True), 3, layout)


def test_damaged_files() -> None:
    whole = npy(np.zeros([7, 3])).getvalue()
    for count in (6, 20, len(whole) - 1):
        with pytest.raises(ValueError, match=r"cannot read it as a \.npy file"):
            mel_files.read(io.BytesIO(whole[:count]), 3)


@pytest.mark.parametrize(
    "shape",
    [
        "(7000000000000, 3)",
        "(70000000000000000000000, 3)",
        "('7', 3)",
        "((7, 3)",
        "('7, 3)",
        "[7, 3]",
        "{[]: 3}",
        "(" * 30,
        "(7, 3), 5: 6",
    ],
)
def test_damaged_headers(shape: str) -> None:
    whole = npy(np.zeros([7, 3])).getvalue()
    given = f"{shape}, }}".encode()
    damaged = whole.replace(b"(7, 3), }" + b" " * (len(given) - 9), given)
    assert len(damaged) == len(whole)
    assert damaged != whole
    with pytest.raises(ValueError, match=r"cannot read it as a \.npy file"):
        mel_files.read(io.BytesIO(damaged), 3)


def _wavenet() -> dict[str, Any]:
    return {
        **dict.fromkeys(["residual_channels", "gate_channels", "skip_channels", "end_channels"], 4),
        "sample_rate": RATE,
        "dilations": [1, 2],
        "input": "one_hot",
        "output": "categorical",
        "classes": 16,
        "biases": [],
        "local_channels": 10,
        "upsample_factors": [50],
    }
