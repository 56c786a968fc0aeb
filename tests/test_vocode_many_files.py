"""`tfopt vocode` for many files at once: one that fails does not keep the others."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from vocode_files import HOP, REPORT, expected, features_of, read, run, write_files

from tfopt import vocoders


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("vocode"))


@pytest.mark.parametrize("model", ["wavernn", "wavenet"])
@pytest.mark.parametrize("threads", [(), ("--threads", "2")])
def test_many_files(folder: Path, tmp_path: Path, model: str, threads: tuple[str, ...]) -> None:
    """Each has the samples that it has alone, whatever it is made with."""
    names = ["a.npy", "b.npy", "c.npy", "d.npy", "e.npy", "tone.wav"]
    result = run(folder, model, *names, "--out", str(tmp_path), "--subtype", "float", *threads)
    assert result.exit_code == 0, result.output
    assert REPORT.match(result.stderr)
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"{n.split('.')[0]}.wav" for n in names]
    for name in names:
        path = folder / name
        mel = np.load(path) if name.endswith("npy") else features_of(path)
        wanted = expected(folder, model, mel, streams=[0])
        np.testing.assert_array_equal(read(tmp_path / path.with_suffix(".wav").name), wanted, name)


def test_the_others_go_on(folder: Path, tmp_path: Path) -> None:
    bad = ["nan.npy", "cut.wav", "missing.npy", "wide.npy"]
    names = [bad[0], "a.npy", *bad[1:], "tone.wav"]
    (tmp_path / "nan.wav").write_text("kept")
    (tmp_path / "a.wav").write_text("replaced")
    result = run(folder, "wavernn", *names, "--out", str(tmp_path))
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 6
    for line, name in zip(lines, bad, strict=False):
        assert line.startswith("Error: ")
        assert f"{name}: " in line
    assert lines[-1] == "4 of 6 failed"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.wav", "nan.wav", "tone.wav"]
    assert (tmp_path / "nan.wav").read_text() == "kept"
    assert len(read(tmp_path / "a.wav")) == 9 * HOP


@pytest.mark.parametrize("model", ["wavernn", "wavenet"])
@pytest.mark.parametrize("options", [(), ("--threads", "2"), ("--backend", "graph")])
def test_the_others_go_on_where_none_can_be_made(
    folder: Path, tmp_path: Path, model: str, options: tuple[str, ...]
) -> None:
    """A spectrogram that is read well and fails behind that, in the midst of a batch or beside others."""
    names = ["a.npy", "b.npy", "huge.npy", "c.npy", "d.npy"]
    (tmp_path / "huge.wav").write_text("kept")
    arguments = ("--out", str(tmp_path), "--subtype", "float", *options)
    result = run(folder, model, *names, *arguments)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 3, result.stderr
    assert re.match(r"Error: \S*huge\.npy: .*expected .*, got ", lines[0])
    assert "{{" not in lines[0]
    assert REPORT.match(f"{lines[1]}\n")
    assert lines[2] == "1 of 5 failed"
    assert (tmp_path / "huge.wav").read_text() == "kept"
    assert len(list(tmp_path.iterdir())) == 5
    for name in ("a", "b", "c", "d"):
        wanted = expected(folder, model, np.load(folder / f"{name}.npy"))
        np.testing.assert_array_equal(read(tmp_path / f"{name}.wav"), wanted, name)


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        ("speakers", (), "speaker: expected a number below 3, or one for each stream, got None"),
        ("speakers", ("--speaker", "3"), "speaker: expected numbers from 0 to 2, got 3"),
        ("wavernn", ("--fold", "9", "300"), "fold: "),
        ("wavenet", ("--threads", "4097"), "threads: expected at most 4096, got 4097"),
    ],
)
def test_what_suits_no_file_is_said_once(
    folder: Path, tmp_path: Path, model: str, options: tuple[str, ...], message: str
) -> None:
    result = run(folder, model, "a.npy", "b.npy", "--out", str(tmp_path), *options)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {message}")
    assert len(result.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("model", ["wavernn", "wavenet"])
@pytest.mark.parametrize("backend", ["native", "graph"])
def test_progress_counts_what_has_failed(folder: Path, model: str, backend: str) -> None:
    mels = [np.load(folder / f"{name}.npy") for name in ("a", "huge", "b")]
    vocoder = vocoders.load(folder / model, backend=backend, threads=2, several=True)
    parts: list[float] = []
    made = dict(vocoder.utterances(mels, parts.append))
    assert [number for number, audio in made.items() if isinstance(audio, Exception)] == [1]
    assert sum(parts) == pytest.approx(len(mels))
