"""The command line: what it prints, and one clear line on bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import wavenet_models
import wavernn_models
from click.testing import CliRunner, Result

import tfopt.g2p
from tfopt.cli import COMMANDS, cli
from tfopt.compute_instructions import instructions


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, arguments, input=text)


def test_version() -> None:
    assert run("--version").output == f"tfopt, version {tfopt.__version__}\n"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0
    assert f"tfopt {name}" in result.output.split("Usage:")[1].split("Example", 1)[1]


def test_help_is_instant() -> None:
    """No command's module is imported to list the commands, and TensorFlow least of all."""
    script = (
        "import sys; from tfopt.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    )
    script += "print([m for m in sys.modules if m in ('numpy', 'tensorflow', 'matplotlib')])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("[]\n")


def test_help_of_no_command_waits_for_tensorflow() -> None:
    script = "import sys; from tfopt.cli import main\n"
    script += f"for name in {sorted(COMMANDS)!r}:\n"
    script += "    try: main([name, '--help'])\n    except SystemExit: pass\n"
    script += "    if 'tensorflow' in sys.modules: sys.exit(f'{name} imports TensorFlow')"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_predict_text() -> None:
    result = run("predict", "aardvark", "Hello, world!")
    assert result.exit_code == 0
    assert result.stdout == ("aardvark\tAA1 R D V AA2 R K\nHello\tHH EH1 L OW0\nworld\tW ER1 L D\n")


def test_predict_json_from_standard_input() -> None:
    result = run("predict", "--file", "-", "--format", "json", text="aardvark\n250\n")
    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {"word": "aardvark", "phonemes": ["AA1", "R", "D", "V", "AA2", "R", "K"]},
        {"word": "250", "phonemes": []},
    ]


def test_predict_file_to_file(tmp_path: Path) -> None:
    words, out = tmp_path / "words.txt", tmp_path / "out.tsv"
    words.write_text("aardvark\n" * 3)
    assert run("predict", "--file", str(words), "--out", str(out)).exit_code == 0
    assert out.read_text() == "aardvark\tAA1 R D V AA2 R K\n" * 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.tsv", "words.txt"]


def test_a_failed_predict_keeps_the_file(tmp_path: Path) -> None:
    words, out = tmp_path / "words.txt", tmp_path / "out.tsv"
    words.write_text("two words\n")
    out.write_text("kept")
    result = run("predict", "--file", str(words), "--out", str(out))
    assert result.exit_code == 2
    assert "line 1: expected one word, got 'two words'" in result.output
    assert out.read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.tsv", "words.txt"]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["predict"], 2, "give either TEXT or --file"),
        (["predict", "--file", "nonesuch"], 2, "nonesuch"),
        (["predict", "--model", "nonesuch", "a"], 1, "Error: model: 'nonesuch' is not installed"),
        (
            ["predict", "--backend", "fast", "a"],
            2,
            "'fast' is not one of 'naive', 'cached', 'graph', 'xla'",
        ),
        (["predict", "--threads", "0", "a"], 2, "0 is not in the range x>=1"),
        (
            ["predict", "--out", "nonesuch/out", "a"],
            1,
            "--out: expected a file in a folder that exists",
        ),
        (["predict", "--out", ".", "a"], 1, "--out: expected a file in a folder that exists"),
        (["predict", "a\udcffb"], 2, "TEXT: expected UTF-8"),
        (["convert", "g2p-en", "nonesuch.npz", "--out", "x"], 1, "nonesuch.npz: cannot read it"),
        (["convert", "g2p-en", "nonesuch.npz"], 2, "Missing option '--out'"),
        (["convert", "nonesuch", "x", "--out", "x"], 2, "'nonesuch' is not one of 'g2p-en'"),
        (["download"], 2, "give either the names of models or --all"),
        (["download", "nonesuch"], 2, "'nonesuch' is not one of"),
        (["export"], 2, "Missing option '--out'"),
        (["nonesuch"], 2, "No such command 'nonesuch'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_gives_one_line(
    arguments: list[str], status: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == status
    assert message in result.output
    assert "Traceback" not in result.output
    errors = [line for line in result.output.splitlines() if line.startswith("Error:")]
    assert len(errors) == 1
    assert list(tmp_path.iterdir()) == []


def test_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "binary"
    path.write_bytes(b"\xff\xfe\x00")
    result = run("predict", "--file", str(path))
    assert result.exit_code == 1
    assert "expected UTF-8 text" in result.output


def test_download_of_an_installed_model_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://localhost:9")
    result = run("download", "g2p_en-2.1.0")
    assert (result.exit_code, result.output) == (0, "g2p_en-2.1.0 is installed\n")


def test_download_without_network_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFOPT_MODELS", str(tmp_path))
    monkeypatch.setenv("PIP_INDEX_URL", "http://localhost:9")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    result = run("download", "g2p_en-2.1.0")
    assert result.exit_code == 1
    assert "pip could not download g2p-en==2.1.0" in result.output
    assert "tfopt convert g2p-en WHEEL" in result.output
    assert list(tmp_path.iterdir()) == []


def test_export(tmp_path: Path) -> None:
    out = tmp_path / "saved"
    assert run("export", "--out", str(out)).exit_code == 0
    assert (out / "saved_model.pb").is_file()
    again = run("export", "--out", str(out))
    assert again.exit_code == 1
    assert "saved: already exists" in again.output
    assert run("export", "--out", str(out), "--force").exit_code == 0


@pytest.mark.parametrize("models", [wavenet_models, wavernn_models])
def test_export_of_a_vocoder(models: Any, tmp_path: Path) -> None:
    models.write(tmp_path / "model", "width 1")
    out = tmp_path / "saved"
    result = run("export", "--model", str(tmp_path / "model"), "--out", str(out))
    assert result.exit_code == 0, result.output
    assert (out / "saved_model.pb").is_file()


def test_predict_in_a_compute_type() -> None:
    result = run("predict", "aardvark", "--compute-type", "auto")
    assert result.exit_code == 0
    assert result.stdout == "aardvark\tAA1 R D V AA2 R K\n"
    assert result.stderr == "compute type: float32\n"
    assert run("predict", "aardvark", "--compute-type", "int16").output == result.stdout
    refused = run("predict", "aardvark", "--compute-type", "int8", "--backend", "graph")
    assert refused.exit_code == 1
    assert "compute_type: expected 'float32' on the backend 'graph'" in refused.output


@pytest.mark.parametrize("level", ["baseline", "avx2", "avx512", "avx512_vnni", "avx512_bf16"])
def test_info_says_what_computes_each_type(monkeypatch: pytest.MonkeyPatch, level: str) -> None:
    monkeypatch.setenv("TFOPT_ISA", level)
    rows = dict(line.split(maxsplit=1) for line in run("info").output.splitlines() if line.strip())
    by_type = {name: rows[name].strip() for name in instructions(level) if name in rows}
    # Where this CPU lacks the level, that is what stands there.
    assert by_type == instructions(level) or f"got '{level}'" in run("info").output


def test_info_names_the_models() -> None:
    result = run("info")
    assert result.exit_code == 0
    for text in (tfopt.__version__, "tensorflow", "g2p_en-1.0.1", "g2p_en-2.1.0"):
        assert text in result.output


def test_info_shows_a_damaged_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFOPT_MODELS", str(tmp_path))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{}")
    result = run("info")
    assert result.exit_code == 0
    assert "broken" in result.output
    assert "damaged" in result.output


def test_a_byte_order_mark_is_not_part_of_the_word(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(b"\xef\xbb\xbfaardvark\n")
    assert run("predict", "--file", str(path)).stdout == "aardvark\tAA1 R D V AA2 R K\n"


def test_the_real_program_prints_nothing_else() -> None:
    command = [sys.executable, "-m", "tfopt", "predict", "aardvark"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "aardvark\tAA1 R D V AA2 R K\n"
    assert done.stderr == ""


def test_a_failing_tensorflow_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    import tensorflow as tf

    def fail(*arguments: object, **options: object) -> None:
        raise tf.errors.ResourceExhaustedError(None, None, "no memory\nleft")

    monkeypatch.setattr(tfopt.g2p, "load", fail)
    result = run("predict", "a")
    assert result.exit_code == 1
    assert result.output == "Error: no memory left\n"
