"""`tfopt vocode`: what it writes for a spectrogram or for audio."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]
from vocode_files import HOP, RATE, REPORT, expected, features_of, read, run, write_files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("vocode"))


@pytest.mark.parametrize("model", ["wavernn", "wavenet"])
def test_a_spectrogram(folder: Path, tmp_path: Path, model: str) -> None:
    mel = np.load(folder / "b.npy")
    options = ("--seed", "3", "--temperature", "0.9", "--subtype", "float")
    out = tmp_path / "a.wav"
    result = run(folder, model, "b.npy", "--out", str(out), *options)
    assert result.exit_code == 0, result.output
    report = REPORT.match(result.stderr)
    assert report, result.stderr
    assert float(report["audio"]) == pytest.approx(23 * HOP / RATE, abs=0.005)
    wanted = expected(folder, model, mel, seed=3, temperature=0.9)
    assert len(wanted) == 23 * HOP
    np.testing.assert_array_equal(read(out), wanted)
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("backend", ["graph", "fused"])
def test_another_backend(folder: Path, tmp_path: Path, backend: str) -> None:
    out = tmp_path / "a.wav"
    options = ("--backend", backend, "--temperature", "0", "--subtype", "float")
    assert run(folder, "wavenet", "a.npy", "--out", str(out), *options).exit_code == 0
    wanted = expected(folder, "wavenet", np.load(folder / "a.npy"), temperature=0)
    np.testing.assert_array_equal(read(out), wanted)


@pytest.mark.parametrize("name", ["double.npy", "bands.npy"])
def test_other_layouts_and_types(folder: Path, tmp_path: Path, name: str) -> None:
    for file in ("a.npy", name):
        out = str(tmp_path / file)
        assert run(folder, "wavernn", file, "--out", out, "--format", "wav").exit_code == 0
    assert (tmp_path / name).read_bytes() == (tmp_path / "a.npy").read_bytes()
    out = str(tmp_path / "square.wav")
    result = run(folder, "wavernn", "square.npy", "--layout", "bands-first", "--out", out)
    assert result.exit_code == 0


@pytest.mark.parametrize("name", ["tone.wav", "silence.wav", "stereo.flac", "slow.wav"])
def test_audio(folder: Path, tmp_path: Path, name: str) -> None:
    """Its features are computed as the config says: one channel, at the model's rate."""
    out = tmp_path / "a.flac"
    result = run(folder, "wavernn", name, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert soundfile.info(out).format == "FLAC"
    mel = features_of(folder / name)
    seconds = soundfile.info(folder / name).duration
    assert len(mel) * HOP == pytest.approx(seconds * RATE, abs=HOP + 1)
    wanted = expected(folder, "wavernn", mel)
    np.testing.assert_allclose(read(out), wanted, rtol=0, atol=2**-14)


def test_folding(folder: Path, tmp_path: Path) -> None:
    fold = ("--fold", "300", "100", "--subtype", "float")
    for names in (["b.npy"], ["b.npy", "d.npy"]):
        out = tmp_path if len(names) > 1 else tmp_path / "b.wav"
        result = run(folder, "wavernn", *names, "--out", str(out), *fold)
        assert result.exit_code == 0, result.output
        for name in names:
            mel = np.load(folder / name)
            wanted = expected(folder, "wavernn", mel, fold=(300, 100))
            np.testing.assert_array_equal(read(tmp_path / f"{name[0]}.wav"), wanted)
    whole = expected(folder, "wavernn", np.load(folder / "b.npy"))
    assert not np.array_equal(read(tmp_path / "b.wav"), whole)


def test_a_speaker(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.wav"
    options = ("--speaker", "2", "--subtype", "float", "--out", str(out))
    assert run(folder, "speakers", "a.npy", *options).exit_code == 0
    wanted = expected(folder, "speakers", np.load(folder / "a.npy"), speaker=2)
    np.testing.assert_array_equal(read(out), wanted)
