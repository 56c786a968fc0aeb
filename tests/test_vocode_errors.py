"""`tfopt vocode` says in one clear line what is wrong, and keeps the files that are there."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from vocode_files import run, write_files

from tfopt.cli import cli


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("vocode"))


@pytest.mark.parametrize(
    ("model", "words", "status", "message"),
    [
        ("wavernn", [], 2, "Missing argument 'INPUT...'"),
        ("wavernn", ["missing.npy"], 1, "missing.npy: cannot read it: No such file or directory"),
        ("wavernn", ["other"], 1, "other: cannot read it: Is a directory"),
        ("wavernn", ["text.txt"], 1, "text.txt: cannot read it as audio"),
        ("wavernn", ["nothing"], 1, "nothing: cannot read it as audio"),
        ("wavernn", ["empty.wav"], 1, "empty.wav: expected audio, got no samples"),
        ("wavernn", ["cut.wav"], 1, "cut.wav: it is cut off: 100 bytes of its samples are missing"),
        ("wavernn", ["short.npy"], 1, "short.npy: cannot read it as a .npy file"),
        ("wavernn", ["nan.npy"], 1, "nan.npy: expected finite float32 values, got NaN"),
        ("wavernn", ["wide.npy"], 1, "wide.npy: expected a mel spectrogram [frames, 4] or [4, fr"),
        ("wavernn", ["several.npz"], 1, "several.npz: expected a .npy file or audio, got a .zip"),
        ("wavernn", ["none.npy"], 1, "none.npy: expected at least one frame, got [0, 4]"),
        ("wavernn", ["objects.npy"], 1, "objects.npy: cannot read it as a .npy file: Object arr"),
        ("wavernn", ["square.npy"], 1, "square.npy: [4, 4] may be [frames, 4] or [4, frames]"),
        ("wavernn", ["a.npy", "--layout", "bands-first"], 1, "a.npy: expected a mel spectrogram ["),
        ("deaf", ["tone.wav"], 1, "tone.wav: expected a mel spectrogram as .npy file, since the"),
        ("plain", ["a.npy"], 1, "model: expected a WaveNet with local conditioning, got one with"),
        ("nowhere", ["a.npy"], 1, "is not a model directory"),
        ("speakers", ["a.npy"], 1, "speaker: expected a number below 3"),
        (
            "wavenet",
            ["a.npy", "--fold", "300", "9"],
            1,
            "fold: expected None, since only a WaveRNN",
        ),
        ("wavernn", ["a.npy", "--fold", "9", "300"], 1, "fold: "),
        ("wavernn", ["a.npy", "--fold", "0", "9"], 2, "'--fold': 0 is not in the range"),
        ("wavernn", ["a.npy", "--speaker", "1"], 1, "speaker: expected None, since a WaveRNN has"),
        ("wavernn", ["a.npy", "--seed", str(2**64)], 1, "seed: expected an integer from 0"),
        ("wavernn", ["a.npy", "--temperature", "nan"], 1, "temperature: expected a number >= 0"),
        ("wavernn", ["a.npy", "--backend", "fast"], 2, "'fast' is not one of"),
        ("wavernn", ["a.npy", "--compute-type", "int4"], 2, "'int4' is not one of"),
        (
            "wavernn",
            ["a.npy", "--compute-type", "int8_static", "--backend", "native"],
            1,
            "which `tfopt quantize` makes",
        ),
        ("wavenet", ["a.npy", "--compute-type", "int8"], 1, "compute_type: expected 'float32' on"),
        ("wavernn", ["a.npy", "--format", "mp3"], 2, "'mp3' is not one of"),
        (
            "wavernn",
            ["a.npy", "--format", "flac"],
            2,
            "--format flac: expected --out to say so too",
        ),
        ("wavernn", ["a.npy", "--threads", "4097"], 1, "threads: expected at most 4096, got 4097"),
        ("wavernn", ["a.npy", "--threads", "0"], 2, "'--threads': 0 is not in the range"),
        ("wavernn", ["a.npy", "b.npy"], 2, "--out: expected a folder that exists, as there are 2"),
        ("wavernn", ["-", "-"], 2, "INPUT: expected - at most once"),
    ],
)
def test_bad_input(
    folder: Path, tmp_path: Path, model: str, words: list[str], status: int, message: str
) -> None:
    out = tmp_path / "a.wav"
    out.write_text("kept")
    backend = () if "--backend" in words else ("--backend", "graph")
    result = run(folder, model, *words, "--out", str(out), *backend)
    assert result.exit_code == status, result.output
    assert message in result.stderr
    assert status == 2 or len(result.stderr.splitlines()) == 1
    assert result.stdout == ""
    assert out.read_text() == "kept"
    assert list(tmp_path.iterdir()) == [out]


def test_outputs_that_cannot_be(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "tone.wav"
    copy.write_bytes((folder / "tone.wav").read_bytes())
    for words, message in (
        (["a.npy", "other/a.npy", "--out", str(tmp_path)], "expected inputs with different names"),
        ([str(copy), "--out", str(copy)], "expected another file than the input"),
        ([str(copy), "a.npy", "--out", str(tmp_path)], "expected another file than the input"),
        (["-", "a.npy", "--out", str(tmp_path)], "since standard input has no name"),
        (["a.npy", "--out", str(tmp_path / "none" / "a.wav")], "in a folder that exists"),
        (["a.npy", "b.npy", "--out", "-"], "expected a folder that exists, as there are 2 inputs"),
        (
            ["a.npy", "--out", str(tmp_path / "a.mp3")],
            "--out: expected an ending of .wav, .flac, .raw, or --format, got",
        ),
        (["a.npy", "--out", "-", "--format", "flac"], "format flac: expected a regular file, got"),
        (
            ["a.npy", "--out", str(tmp_path / "a.flac"), "--subtype", "float"],
            "format flac: expected subtype pcm16 or pcm24, got float",
        ),
    ):
        result = run(folder, "wavernn", *words)
        assert (result.exit_code, result.stdout) == (2, ""), result.output
        assert message in " ".join(result.stderr.split())
    assert list(tmp_path.iterdir()) == [copy]
    assert copy.read_bytes() == (folder / "tone.wav").read_bytes()


@pytest.mark.parametrize("fold", [(), ("--fold", "300", "100")])
def test_a_single_one_that_cannot_be_made(
    folder: Path, tmp_path: Path, fold: tuple[str, ...]
) -> None:
    out = tmp_path / "a.wav"
    out.write_text("kept")
    result = run(folder, "wavernn", "huge.npy", "--out", str(out), *fold)
    assert result.exit_code == 1
    assert re.fullmatch(r"Error: \S*huge\.npy: mel: expected .*, got .*\n", result.stderr)
    assert out.read_text() == "kept"
    assert list(tmp_path.iterdir()) == [out]


def test_generate_points_here(folder: Path, tmp_path: Path) -> None:
    words = ["generate", "--model", str(folder / "wavernn"), "--out", str(tmp_path / "a.wav")]
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: --model: expected a WaveNet, got a WaveRNN; tfopt vocode makes audio with that\n"
    )
    assert not list(tmp_path.iterdir())


def test_places_that_cannot_be_written_to(folder: Path) -> None:
    """Nobody may put a file into /proc; root finds out when it tries."""
    result = run(folder, "wavernn", "a.npy", "--out", "/proc/a.wav", "--backend", "graph")
    if os.access("/proc", os.W_OK):
        assert result.exit_code == 1
        assert re.search(r"Error: .*a\.npy: \[Errno \d+\] .*/proc/", result.stderr)
    else:
        assert result.exit_code == 2
        assert "--out: expected a folder that can be written to, got /proc" in result.stderr


def test_a_full_disk(folder: Path) -> None:
    result = run(folder, "wavernn", "a.npy", "--out", "/dev/full", "--backend", "graph")
    assert result.exit_code == 1
    assert "a.npy: [Errno 28] No space left on device" in result.stderr
