"""What `tfopt-native` tells a person: on a terminal, in its help, about a model."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from native_program import PROGRAM, expect_program, run
from native_wavenets import write_models

expect_program()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_models(tmp_path_factory.mktemp("native"))


def test_no_audio_into_a_terminal(folder: Path) -> None:
    terminal, end = os.openpty()
    done = subprocess.run(
        [PROGRAM, "generate", folder / "plain.tfopt", "--samples", "100"],
        stdout=end,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(terminal)
    os.close(end)
    assert done.returncode == 1
    assert b"--out: expected a file or a pipe, got a terminal" in done.stderr


def test_a_terminal_is_told_how_long_it_took(folder: Path, tmp_path: Path) -> None:
    terminal, end = os.openpty()
    arguments = ("--samples", "800", "--out", tmp_path / "a.wav")
    subprocess.run(
        [PROGRAM, "generate", folder / "plain.tfopt", *arguments], stderr=end, check=True
    )
    told = os.read(terminal, 1000).decode()
    os.close(terminal)
    os.close(end)
    assert re.fullmatch(
        r"0\.10 s of audio, computed in [\d.]+ s \(real-time factor [\d.]+\); "
        r"the first of it came after \d+ ms\s+",
        told,
    )


def test_help_has_examples() -> None:
    for command in ((), ("generate",), ("predict",), ("info",)):
        text = run(*command, "--help").stdout.decode()
        assert "Example" in text
        assert "tfopt-native " in text


def test_info(folder: Path) -> None:
    text = run("info", folder / "everything.tfopt").stdout.decode()
    for line in ("everything", "8000 Hz", "[frames, 3], 6 samples a frame", "section speakers"):
        assert line in text
