"""`tfopt vocode` from standard input and to standard output."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from vocode_files import BANDS, HOP, REPORT, read, run, write_files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("vocode"))


@pytest.mark.parametrize("form", ["wav", "raw"])
def test_standard_streams(folder: Path, tmp_path: Path, form: str) -> None:
    for name in ("b.npy", "tone.wav"):
        data = (folder / name).read_bytes()
        result = run(folder, "wavernn", "-", "--out", "-", "--format", form, data=data)
        assert result.exit_code == 0, result.output
        assert REPORT.match(result.stderr)
        file = tmp_path / f"{name}.{form}"
        assert run(folder, "wavernn", name, "--out", str(file)).exit_code == 0
        if form == "raw":
            assert result.stdout_bytes == file.read_bytes()
        else:
            assert result.stdout_bytes[40:44] == b"\xff" * 4
            np.testing.assert_array_equal(read(io.BytesIO(result.stdout_bytes)), read(file))


def test_pipes_of_the_shell(folder: Path, tmp_path: Path) -> None:
    """Real pipes: neither end can seek, and a reader that goes away ends the command."""
    command = [sys.executable, "-m", "tfopt", "vocode", "--model", str(folder / "wavernn")]
    with subprocess.Popen(["cat", folder / "b.npy"], stdout=subprocess.PIPE) as cat:
        done = subprocess.run(
            [*command, "/dev/stdin", "--out", "-"],
            stdin=cat.stdout,
            capture_output=True,
            check=True,
        )
    assert len(read(io.BytesIO(done.stdout))) == 23 * HOP
    np.save(tmp_path / "long.npy", np.zeros([3000, BANDS]))
    with subprocess.Popen(
        [*command, str(tmp_path / "long.npy"), "--out", "-"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(4) == b"RIFF"
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
        assert process.wait(timeout=120) != 0
