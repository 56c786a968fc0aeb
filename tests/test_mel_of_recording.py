"""`net.mel`: the spectrogram of a recording, from a file or from amplitudes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]
from vocode_files import RATE, WAVENET, WAVERNN

from tfopt import wavenet, wavernn
from tfopt.features import mel_spectrogram

KINDS: dict[str, Any] = {
    "wavenet": (wavenet.Wavenet, WAVENET),
    "wavernn": (wavernn.Wavernn, WAVERNN),
}


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def model(kind: str, **changes: Any) -> Any:
    made, config = KINDS[kind]
    config = replace(config, **changes)
    module: Any = wavenet if kind == "wavenet" else wavernn
    return made(config, module.random_weights(config, seed=0), "graph")


def tone(samples: int, rate: int = RATE) -> Any:
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(samples) / rate)).astype(np.float32)


def test_of_amplitudes_and_of_a_file(kind: str, tmp_path: Path) -> None:
    """Whose generated audio has the length of the frames."""
    net = model(kind)
    audio = tone(500)
    soundfile.write(tmp_path / "tone.wav", audio, RATE, "FLOAT")
    mel = net.mel(audio)
    np.testing.assert_array_equal(mel, mel_spectrogram(audio, net.config.features, RATE))
    for path in (tmp_path / "tone.wav", str(tmp_path / "tone.wav")):
        np.testing.assert_array_equal(net.mel(path), mel)
    assert net.generate(mel).shape == (1, len(mel) * net.config.hop_length)


def test_a_file_of_another_rate_and_two_channels(kind: str, tmp_path: Path) -> None:
    net = model(kind)
    left, right = tone(RATE, 2 * RATE), np.zeros(RATE, np.float32)
    soundfile.write(tmp_path / "tone.flac", np.stack([left, right], 1), 2 * RATE)
    mel = net.mel(tmp_path / "tone.flac")
    expected = net.mel(tone(RATE // 2) / 2)
    assert mel.shape == expected.shape
    middle = slice(5, -5)
    np.testing.assert_allclose(mel[middle], expected[middle], atol=0.02)


def test_bad_recordings(kind: str, tmp_path: Path) -> None:
    net = model(kind)
    missing, text, short = (tmp_path / name for name in ("missing.wav", "text.wav", "short.wav"))
    text.write_text("no audio")
    soundfile.write(tmp_path / "whole.wav", tone(1000), RATE)
    short.write_bytes((tmp_path / "whole.wav").read_bytes()[:1000])
    for given, message in (
        (missing, r"audio: cannot read '.*missing.wav': No such file or directory"),
        (tmp_path, "audio: cannot read '.*': Is a directory"),
        (text, r"audio: '.*text.wav': cannot read it as audio"),
        (short, r"audio: '.*short.wav': it is cut off: 1044 bytes"),
        (np.zeros([2, 100]), r"audio: expected numbers \[samples\]"),
        (np.array([0, 3000], np.int16), r"audio: expected amplitudes in \[-1, 1\], got integers"),
        (np.array([0, np.nan]), "audio: expected finite float32 values"),
    ):
        with pytest.raises(ValueError, match=message):
            net.mel(given)


def test_a_model_without_features(kind: str) -> None:
    with pytest.raises(
        ValueError, match=r"audio: expected a model whose config says how .* without features"
    ):
        model(kind, features=None).mel(tone(100))
