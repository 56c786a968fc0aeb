"""`tfopt-native generate` says in one clear line what is wrong, and keeps the file that is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from native_program import expect_program, rejected
from native_wavenets import frames_header, write_models
from numpy.typing import NDArray

from tfopt.pack import pack

expect_program()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_models(tmp_path_factory.mktemp("native"))


REJECTED: list[tuple[str, list[str], str]] = [
    ("plain", [], "--seconds: expected the length of the audio, got none"),
    ("plain", ["--samples", "1", "--temperature", "1e39"], "to 3.40282e+38, got 1e+39"),
    (
        "plain",
        ["--samples", "1", "--speaker", "0"],
        "--speaker: expected none, since the model has",
    ),
    (
        "plain",
        ["--conditioning", "plain.npy"],
        "--conditioning: expected none, since the model has",
    ),
    ("none", ["--samples", "1"], "none.tfopt: cannot open it: No such file or directory"),
    ("plain", ["--seconds", "1e300"], "to 5.76461e+14, got 1e+300"),
    ("plain", ["--samples", "1", "--out", "none/a.wav"], "--out: "),
    ("plain", ["--samples", "1", "--out", "/dev/full"], "--out: /dev/full: cannot write it: No"),
    ("plain", ["--seconds", "1e6", "--out", ""], "--out: expected a file or -, got an empty name"),
    (
        "everything",
        ["--speaker", "0", "--conditioning", "/"],
        "--conditioning: /: cannot read it: Is",
    ),
    ("everything", ["--samples", "1"], "--speaker: expected a number from 0 to 2, got none"),
    ("everything", ["--speaker", "3"], "--speaker: expected a number from 0 to 2, got 3"),
    ("everything", ["--speaker", "0"], "--conditioning: expected [frames, 3] in a file or in -"),
    ("everything", ["--speaker", "0", "--conditioning", "none.npy"], "none.npy: cannot open it"),
    ("everything", ["--speaker", "0", "--conditioning", "double.npy"], "got '<f8'"),
    ("everything", ["--speaker", "0", "--conditioning", "half.npy"], "got '<f2'"),
    ("everything", ["--speaker", "0", "--conditioning", "columns.npy"], "(C order)"),
    ("everything", ["--speaker", "0", "--conditioning", "wide.npy"], "[frames, 3], got [2, 4]"),
    ("everything", ["--speaker", "0", "--conditioning", "flat.npy"], "[frames, 3], got [3]"),
    (
        "everything",
        ["--speaker", "0", "--conditioning", "nan.npy"],
        "got nan in frame 1, channel 2",
    ),
    ("everything", ["--speaker", "0", "--conditioning", "short.npy"], "expected 2 frames as its"),
    ("everything", ["--speaker", "0", "--conditioning", "text.npy"], "expected an .npy file"),
    ("everything", ["--speaker", "0", "--conditioning", "objects.npy"], "got '|O'"),
    ("everything", ["--speaker", "0", "--conditioning", "records.npy"], "one array of numbers"),
]


@pytest.mark.parametrize(("name", "given", "message"), REJECTED)
def test_bad_input(folder: Path, tmp_path: Path, name: str, given: list[str], message: str) -> None:
    frames = np.ones([2, 3], np.float32)
    files: dict[str, NDArray[Any]] = {
        "double": frames.astype(float),
        "half": frames.astype(np.float16),
        "columns": np.asfortranarray(frames),
        "wide": np.ones([2, 4], np.float32),
        "flat": frames[0],
        "nan": np.array([[0, 1, 2], [3, 4, np.nan]], np.float32),
        "records": np.zeros([2, 3], [("a", "<f4")]),
    }
    for file, array in files.items():
        np.save(tmp_path / f"{file}.npy", array)
    np.save(tmp_path / "objects.npy", np.full([2, 3], None), allow_pickle=True)
    (tmp_path / "text.npy").write_text("no array at all")
    (tmp_path / "short.npy").write_bytes(frames_header(2, 3) + bytes(12))
    out = tmp_path / "a.wav"
    out.write_text("kept")
    given = [str(tmp_path / word) if word.endswith((".npy", ".wav")) else word for word in given]
    where = [] if "--out" in given else ["--out", out]
    assert message in rejected("generate", folder / f"{name}.tfopt", *given, *where)
    assert out.read_text() == "kept"
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "A subcommand is required"),
        (["make"], "SUBCOMMAND: expected one of generate, predict, info, got make"),
        (["--make"], "SUBCOMMAND: expected one of generate, predict, info, got --make"),
        ([""], "SUBCOMMAND: expected one of generate, predict, info, got an empty word"),
        (["generate"], "MODEL is required"),
        (
            ["generate", "m", "--seconds", "-1"],
            "--seconds: expected a finite number of at least 0, got -1",
        ),
        (["generate", "m", "--seconds", ""], "of at least 0, got an empty word"),
        (["generate", "m", "--seconds", "nan"], "of at least 0, got nan"),
        (["generate", "m", "--seconds", "2x"], "of at least 0, got 2x"),
        (["generate", "m", "--seconds", "1e999"], "of at least 0, got 1e999"),
        (
            ["generate", "m", "--samples", "-1"],
            "--samples: expected an integer from 0 to 9223372036854775807, got -1",
        ),
        (["generate", "m", "--samples", "1.5"], "--samples: expected an integer from"),
        (["generate", "m", "--samples", str(2**63)], "--samples: expected an integer from"),
        (["generate", "m", "--samples", "9" * 20], "--samples: expected an integer from"),
        (["generate", "m", "--samples", "0x10"], "--samples: expected an integer from"),
        (["generate", "m", "--samples", "1", "--seconds", "1"], "excludes"),
        (["generate", "m", "--seed", "-1"], f"expected an integer from 0 to {2**64 - 1}, got -1"),
        (["generate", "m", "--seed", str(2**64)], "--seed: expected an integer from 0 to"),
        (["generate", "m", "--seed", "1.5"], "--seed: expected an integer from 0 to"),
        (["generate", "m", "--temperature", "-1"], "--temperature: expected a finite number of at"),
        (["generate", "m", "--temperature", "warm"], "of at least 0, got warm"),
        (["generate", "m", "--temperature", "inf"], "of at least 0, got inf"),
        (["generate", "m", "--conditioning", ""], "--conditioning: expected a file or -, got an"),
        (["generate", "m", "--speaker", "-1"], "--speaker: expected an integer from 0 to"),
        (["generate", "m", "--speaker", str(2**32)], "--speaker: expected an integer from 0 to"),
        (["generate", "m", "--threads", "0"], "--threads: expected an integer from 1 to 4096"),
        (["predict", "m", "--threads", str(2**32 + 1)], "--threads: expected an integer from 1"),
        (["generate", "m", "--format", "mp3"], "--format: expected wav, s16le or f32le, got mp3"),
        (["generate", "m", "--frames", "1"], "--frames"),
    ],
)
def test_wrong_calls(arguments: list[str], message: str) -> None:
    assert message in rejected(*arguments, status=2)


def test_another_kind_of_model(tmp_path: Path) -> None:
    pack("g2p_en-2.1.0", tmp_path / "a.tfopt")
    message = rejected("generate", tmp_path / "a.tfopt", "--samples", 1)
    assert "expected a packed wavenet, got a g2p" in message


def test_a_file_that_is_cut_off(folder: Path, tmp_path: Path) -> None:
    content = (folder / "plain.tfopt").read_bytes()
    for size in (0, 1, 31, 32, 100, len(content) // 2, len(content) - 1):
        (tmp_path / "a.tfopt").write_bytes(content[:size])
        assert "expected" in rejected("generate", tmp_path / "a.tfopt", "--samples", 1)


def test_a_level_that_nobody_knows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFOPT_ISA", "mmx")
    message = rejected("generate", folder / "plain.tfopt", "--samples", 1)
    assert "TFOPT_ISA: expected one of" in message
