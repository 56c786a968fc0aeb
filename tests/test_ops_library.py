"""The library of the ops: found, loaded once, and what is said if that fails.

Needs TensorFlow, NumPy and pytest alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tfopt import ops

USE = "from tfopt import ops; print(ops.gated_activation([100.0, 100.0], [0.0, 0.0]).numpy())"


def run(script: str, library: Path) -> subprocess.CompletedProcess[str]:
    """Runs a program with another library."""
    settings = {"TFOPT_OPS_LIBRARY": str(library), "TF_CPP_MIN_LOG_LEVEL": "2"}
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=300,
    )


def last_line(text: str) -> str:
    return text.splitlines()[-1]


def test_importing_ops_imports_no_tensorflow() -> None:
    done = run("import sys; from tfopt import ops; print('tensorflow' in sys.modules)", Path())
    assert done.stdout == "False\n"


def test_a_library_that_is_not_there(tmp_path: Path) -> None:
    done = run(USE, tmp_path / "none.so")
    assert last_line(done.stderr) == (
        f"RuntimeError: {tmp_path / 'none.so'}: expected the library of tfopt's ops; "
        "`make setup` builds it"
    )


def test_a_file_that_is_no_library(tmp_path: Path) -> None:
    path = tmp_path / "ops.so"
    path.write_text("text")
    done = run(USE, path)
    line = last_line(done.stderr)
    assert line.startswith(f"RuntimeError: {path}: TensorFlow 2.")
    assert "cannot load it" in line
    assert "file too short" in line or "invalid ELF header" in line
    assert "`make setup` builds it anew" in line


def test_by_one_canonical_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorFlow would take links to one library for several."""
    link = tmp_path / "link.so"
    link.symlink_to(ops.library())
    expected = ops.library()
    monkeypatch.setenv("TFOPT_OPS_LIBRARY", str(link))
    assert ops.library() == expected
    again = f"{USE}; import tensorflow as tf; tf.load_op_library({str(expected)!r}); {USE}"
    done = run(again, link)
    assert done.stdout == "[1.]\n[1.]\n", done.stderr


def test_a_copy_that_is_loaded_already(tmp_path: Path) -> None:
    copy = tmp_path / "copy.so"
    shutil.copy(ops.library(), copy)
    script = f"import tensorflow as tf; tf.load_op_library({str(copy)!r}); {USE}"
    done = run(script, ops.library())
    assert "RuntimeError" in done.stderr
    assert f"{ops.library()}: expected tfopt's ops, got none" in last_line(done.stderr)


def test_a_library_of_before_an_op(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(ops.load(), "tfopt_gated_activation")
    with pytest.raises(RuntimeError) as caught:
        ops.gated_activation([100.0, 100.0], [0.0, 0.0])
    assert str(caught.value) == (
        f"{ops.library()}: expected the op tfopt_gated_activation, got a library without it, "
        "of another version of tfopt; `make setup` builds it anew"
    )


def test_info_says_what_there_is(tmp_path: Path) -> None:
    pytest.importorskip("click")
    pytest.importorskip("safetensors")
    info = "from tfopt.cli import main; main(['info'])"
    assert ops.instruction_set() in run(info, ops.library()).stdout
    done = run(info, tmp_path / "none.so")
    assert done.returncode == 0
    assert "`make setup` builds it" in " ".join(done.stdout.split())
