"""Reading and writing audio files."""

from __future__ import annotations

import io
import os
import struct
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]

from tfopt import audio_files

RATE = 22_050


def tone(rate: int, seconds: float = 0.5, hertz: float = 440) -> np.ndarray[Any, Any]:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)


def encoded(audio: Any, rate: int = RATE, form: str = "WAV", subtype: str = "PCM_16") -> io.BytesIO:
    file = io.BytesIO()
    soundfile.write(file, audio, rate, format=form, subtype=subtype)
    file.seek(0)
    return file


@pytest.mark.parametrize(
    ("form", "subtype"),
    [
        *(("WAV", one) for one in ("PCM_16", "PCM_24", "FLOAT", "DOUBLE", "PCM_U8", "ULAW")),
        *[("FLAC", "PCM_16"), ("FLAC", "PCM_24"), ("AIFF", "PCM_16"), ("W64", "PCM_16")],
    ],
)
def test_reads_what_libsndfile_knows(form: str, subtype: str) -> None:
    audio = audio_files.read(encoded(tone(RATE), form=form, subtype=subtype), RATE)
    assert audio.dtype == np.float32
    # 8 bits: steps of 1/128; mu-law: 1/32 of the amplitude.
    coarse = subtype in ("PCM_U8", "ULAW")
    np.testing.assert_allclose(audio, tone(RATE), rtol=0, atol=0.02 if coarse else 1 / 32768)


def test_channels_are_averaged() -> None:
    stereo = np.stack([tone(RATE), -0.5 * tone(RATE)], axis=1)
    audio = audio_files.read(encoded(stereo, subtype="FLOAT"), RATE)
    np.testing.assert_allclose(audio, tone(RATE) / 4, atol=1e-6)


@pytest.mark.parametrize("given", [8_000, 16_000, 44_100, 48_000])
def test_other_rates_are_resampled(given: int) -> None:
    audio = audio_files.read(encoded(tone(given), given, subtype="FLOAT"), RATE)
    assert len(audio) == pytest.approx(RATE / 2, abs=1)
    middle = slice(1000, 10_000)  # away from the ends, where the tone begins at once
    np.testing.assert_allclose(audio[middle], tone(RATE)[middle], atol=1e-4)


def test_audio_of_unknown_length() -> None:
    """What this and other programs write to pipes."""
    data = encoded(tone(RATE)).getvalue()
    for size in (0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000):
        streamed = data[:40] + struct.pack("<I", size) + data[44:]
        audio = audio_files.read(io.BytesIO(streamed), RATE)
        np.testing.assert_array_equal(audio, audio_files.read(io.BytesIO(data), RATE))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "cannot read it as audio"),
        (b"no audio at all", "cannot read it as audio"),
        (encoded(tone(RATE)).getvalue()[:30], "cannot read it as audio"),
        (encoded(tone(RATE)).getvalue()[:-5001], "cut off: 5001 bytes of its samples are missing"),
        (encoded(tone(RATE), form="FLAC").getvalue()[:-3000], "cut off|cannot read it as audio"),
        (encoded(np.zeros(0)).getvalue(), "expected audio, got no samples"),
        (encoded([0.0, np.nan], subtype="FLOAT").getvalue(), "expected finite amplitudes, got NaN"),
        (encoded([0.0, 0.5], rate=1_000_000).getvalue()[:-2], "cut off: 2 bytes"),
    ],
)
def test_bad_audio(data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        audio_files.read(io.BytesIO(data), RATE)
    assert "object at 0x" not in str(caught.value)


@pytest.mark.parametrize(
    ("form", "subtype", "kept"),
    [
        ("wav", "pcm16", "PCM_16"),
        ("wav", "pcm24", "PCM_24"),
        ("wav", "float", "FLOAT"),
        ("flac", "pcm16", "PCM_16"),
        ("flac", "pcm24", "PCM_24"),
    ],
)
def test_written_files(tmp_path: Path, form: str, subtype: str, kept: str) -> None:
    path = tmp_path / f"a.{form}"
    audio = tone(RATE).astype(np.float32)
    with audio_files.writing(path, RATE, form, subtype) as write:
        for piece in np.array_split(audio, 3):
            write(piece)
        assert not path.exists()
    about = soundfile.info(path)
    assert (about.format, about.subtype, about.samplerate) == (form.upper(), kept, RATE)
    tolerance = {"pcm16": 2**-14, "pcm24": 2**-22, "float": 0}[subtype]
    np.testing.assert_allclose(soundfile.read(path)[0], audio, rtol=0, atol=tolerance)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("subtype", audio_files.SUBTYPES)
def test_streams_hold_what_files_hold(tmp_path: Path, subtype: str) -> None:
    audio = np.append(tone(RATE), [1.0, -1.0, 1.5]).astype(np.float32)
    streams = {}
    for form in ("wav", "raw"):
        file = io.BytesIO()
        write = audio_files.streaming(file, RATE, form, subtype)
        for piece in np.array_split(audio, 5):
            write(piece)
        streams[form] = file.getvalue()
        with audio_files.writing(tmp_path / form, RATE, form, subtype) as write:
            write(audio)
    assert streams["raw"] == (tmp_path / "raw").read_bytes()
    assert streams["wav"].endswith(streams["raw"])
    streamed, rate = soundfile.read(io.BytesIO(streams["wav"]), dtype="float32")
    assert rate == RATE
    whole = soundfile.read(tmp_path / "wav", dtype="float32")[0]
    np.testing.assert_array_equal(streamed, whole)
    read_again = audio_files.read(io.BytesIO(streams["wav"]), RATE)
    np.testing.assert_array_equal(read_again, whole)


def test_what_fails_leaves_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_text("kept")

    def fail() -> None:
        with audio_files.writing(path, RATE) as write:
            write(np.zeros(100, np.float32))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert path.read_text() == "kept"
    assert list(tmp_path.iterdir()) == [path]


def test_pipes_are_streamed_to(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(path.read_bytes()))
    reader.start()
    with audio_files.writing(path, RATE) as write:
        write(tone(RATE).astype(np.float32))
    reader.join(timeout=60)
    assert len(audio_files.read(io.BytesIO(found[0]), RATE)) == RATE // 2


def test_formats_that_do_not_fit(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="format flac: expected subtype pcm16 or pcm24, got float"),
        audio_files.writing(tmp_path / "a.flac", RATE, "flac", "float"),
    ):
        pass
    with pytest.raises(ValueError, match="format flac: expected a regular file, got a stream"):
        audio_files.streaming(io.BytesIO(), RATE, "flac")
    for form, subtype, message in (
        ("mp3", "pcm16", "format: expected one of wav, flac, raw, got 'mp3'"),
        ("wav", "PCM_16", "subtype: expected one of pcm16, pcm24, float, got 'PCM_16'"),
    ):
        with (
            pytest.raises(ValueError, match=message),
            audio_files.writing(tmp_path / "a", RATE, form, subtype),
        ):
            pass
        with pytest.raises(ValueError, match=message):
            audio_files.streaming(io.BytesIO(), RATE, form, subtype)
    assert not list(tmp_path.iterdir())


def test_no_samples(tmp_path: Path) -> None:
    """Nobody could read a FLAC without any."""
    for form in ("wav", "raw"):
        with audio_files.writing(tmp_path / f"a.{form}", RATE, form):
            pass
    assert soundfile.info(tmp_path / "a.wav").frames == 0
    assert (tmp_path / "a.raw").read_bytes() == b""
    with (
        pytest.raises(ValueError, match="format flac: expected samples, got none"),
        audio_files.writing(tmp_path / "a.flac", RATE, "flac"),
    ):
        pass
    assert not (tmp_path / "a.flac").exists()
