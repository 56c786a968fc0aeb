"""What the report shows of audio files."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]
from numpy.typing import NDArray

from tfopt.report import sound
from tfopt.report.folder import Contents
from tfopt.report.sections import audio

RATE = 16_000


def sine(frequency: float, seconds: float = 1.0) -> NDArray[np.float32]:
    return np.sin(2 * np.pi * frequency * np.arange(int(seconds * RATE)) / RATE).astype(np.float32)


@pytest.mark.parametrize("frequency", [500.0, 3000.0, 7500.0])
def test_a_sine_is_one_line_of_the_spectrogram(frequency: float) -> None:
    made = sound.spectrogram(sine(frequency), RATE)
    rows, _ = made.shape
    loudest = made.argmax(axis=0)
    assert set(loudest) == {int(frequency / (RATE / 2) * rows)}
    # A Hann window's side lobes are below -31 dB; three rows away there is next to nothing.
    row = loudest[0]
    far = np.delete(made, range(max(0, row - 3), row + 4), axis=0)
    assert far.max() < -60


def test_a_change_is_seen_where_it_is() -> None:
    made = sound.spectrogram(np.concatenate([sine(1000), sine(4000)]), RATE)
    rows, columns = made.shape
    low, high = (int(f / (RATE / 2) * rows) for f in (1000, 4000))
    margin = columns // 50  # windows across the change hold both
    assert (made[low, : columns // 2 - margin] > made[high, : columns // 2 - margin] + 40).all()
    assert (made[high, columns // 2 + margin :] > made[low, columns // 2 + margin :] + 40).all()


def test_quieter_by_20_db_is_20_db_less() -> None:
    made = sound.spectrogram(np.concatenate([sine(1000), sine(1000) / 10]), RATE)
    row = made[:, 10].argmax()
    assert made[row, 10] == 0
    assert made[row, -10] == pytest.approx(-20, abs=0.5)


@pytest.mark.parametrize("length", [1, 31, 512, 513, 100_000, 480_000])
def test_any_length_becomes_a_picture_of_bounded_size(length: int) -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, length).astype(np.float32)
    made = sound.spectrogram(samples, RATE)
    assert made.dtype == np.int8
    assert 1 <= made.shape[0] <= 160
    assert 1 <= made.shape[1] <= 600
    envelope = sound.envelope(samples)
    assert envelope.shape == (2, min(length, 600))
    assert envelope[0].min() == np.round(samples.min() * 32767)
    assert envelope[1].max() == np.round(samples.max() * 32767)


def test_silence_is_black() -> None:
    assert (sound.spectrogram(np.zeros(1000, np.float32), RATE) == -sound.RANGE_DB).all()


def test_the_player_gets_the_same_16_bits(tmp_path: Path) -> None:
    samples = np.random.default_rng(1).integers(-(2**15), 2**15, (1000, 2), dtype=np.int16)
    soundfile.write(tmp_path / "a.wav", samples, 44_100)
    clip = sound.read(tmp_path / "a.wav")
    back, rate = soundfile.read(io.BytesIO(clip.flac), dtype="int16")
    assert rate == clip.rate == 44_100
    assert clip.channels == 2
    np.testing.assert_array_equal(back, samples)


def test_of_a_long_file_the_beginning_is_shown(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", np.zeros(500 * 40), 500)
    clip = sound.read(tmp_path / "a.flac")
    assert (clip.total_s, clip.seconds) == (40.0, sound.LONGEST_S)
    html = audio.section(Contents(clips=[clip]))
    assert "0.5 kHz, mono, 40.00 s, of which the first 30 s are here" in html


def test_the_text_beside_a_file_is_its_caption(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", sine(100), RATE)
    assert sound.read(tmp_path / "a.wav").caption == ""
    (tmp_path / "a.txt").write_bytes(b" two\nlines, one byte \xff \n")
    assert sound.read(tmp_path / "a.wav").caption == "two\nlines, one byte \ufffd"
    (tmp_path / "a.txt").write_text("x" * 10_000)
    assert len(sound.read(tmp_path / "a.wav").caption) < 2100


def test_what_is_no_audio_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(0), RATE)
    with pytest.raises(ValueError, match="as audio: there is none"):
        sound.read(path)
    soundfile.write(path, np.array([0, np.nan]), RATE, subtype="FLOAT")
    with pytest.raises(ValueError, match="as audio: NaN or infinity"):
        sound.read(path)
    path.write_bytes(b"RIFF")
    with pytest.raises(ValueError, match="cannot read it as audio"):
        sound.read(path)
