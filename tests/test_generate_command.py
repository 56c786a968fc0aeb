"""`tfopt generate`: the WAV file that it writes, and one clear line on bad input."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]
from click.testing import CliRunner, Result
from wavenet_models import load, write

from tfopt import wavenet
from tfopt.cli import cli


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two models and what else the commands read."""
    directory = tmp_path_factory.mktemp("generate")
    write(directory / "plain", "plain")
    write(directory / "everything", "everything")
    random = np.random.default_rng(0)
    np.save(directory / "mel.npy", random.normal(size=(40, 3)).astype(np.float32))
    np.save(directory / "flat.npy", np.zeros(3))
    np.save(directory / "objects.npy", np.array([None]), allow_pickle=True)
    np.savez(directory / "several.npz", a=np.zeros([2, 3]))
    soundfile.write(directory / "prompt.wav", random.uniform(-1, 1, 20), 8000)
    soundfile.write(directory / "fast.wav", np.zeros(20), 16000)
    soundfile.write(directory / "stereo.wav", np.zeros([20, 2]), 8000)
    soundfile.write(directory / "empty.wav", np.zeros(0), 8000)
    (directory / "text.txt").write_text("no audio")
    return directory


def run(folder: Path, model: str, out: Path, *options: str) -> Result:
    """Runs the command; names of files stand for those of the folder."""
    words = [str(folder / word) if "." in word and word[0].isalpha() else word for word in options]
    arguments = ["generate", "--model", str(folder / model), "--out", str(out), *words]
    return CliRunner().invoke(cli, arguments)


def read(path: Path) -> np.ndarray[Any, Any]:
    """The 16-bit samples of a file of one channel at 8 kHz."""
    about = soundfile.info(path)
    assert (about.format, about.subtype, about.channels, about.samplerate) == (
        *("WAV", "PCM_16"),
        *(1, 8000),
    )
    samples: np.ndarray[Any, Any] = soundfile.read(path, dtype="int16")[0]
    return samples


def as_16_bits(audio: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    rounded: np.ndarray[Any, Any] = np.rint(audio * 32767).astype(np.int16)
    return rounded


@pytest.mark.parametrize("backend", ["graph", wavenet.DEFAULT_BACKEND])
def test_audio_of_a_length(folder: Path, tmp_path: Path, backend: str) -> None:
    out = tmp_path / "a.wav"
    options = ("--seconds", "0.7", "--seed", "3", "--temperature", "0.9", "--backend", backend)
    result = run(folder, "plain", out, *options)
    assert (result.exit_code, result.output) == (0, "")
    expected = load("plain", backend).generate(samples=5600, seed=3, temperature=0.9)[0]
    assert np.abs(read(out).astype(int) - as_16_bits(expected)).max() <= 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_audio_of_conditioning_and_a_prompt(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.wav"
    options = ("--conditioning", "mel.npy", "--prompt", "prompt.wav", "--speaker", "1")
    assert run(folder, "everything", out, *options, "--backend", "graph").exit_code == 0
    expected = load("everything", "graph").generate(
        np.load(folder / "mel.npy"), prompt=soundfile.read(folder / "prompt.wav")[0], speaker=1
    )[0]
    assert len(expected) == 240 - 19
    assert np.abs(read(out).astype(int) - as_16_bits(expected)).max() <= 1
    shorter = (*options, "--seconds", "0.01", "--backend", "graph")
    assert run(folder, "everything", out, *shorter).exit_code == 0
    assert len(read(out)) == 80


def test_a_compute_type(folder: Path, tmp_path: Path) -> None:
    """Of a model that says nothing of losses, auto means float32, which is said."""
    out, options = tmp_path / "a.wav", ("--seconds", "0.2", "--compute-type")
    assert run(folder, "plain", out, *options, "int8").output == ""
    rounded = read(out)
    expected = wavenet.load(folder / "plain", compute_type="int8").generate(samples=1600)[0]
    assert np.abs(rounded.astype(int) - as_16_bits(expected)).max() <= 1
    assert run(folder, "plain", out, *options, "auto").output == "compute type: float32\n"
    assert (read(out) != rounded).any()


def test_no_audio(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.wav"
    assert run(folder, "plain", out, "--seconds", "0", "--backend", "graph").exit_code == 0
    assert len(read(out)) == 0


@pytest.mark.parametrize(
    ("model", "options", "status", "message"),
    [
        ("plain", [], 2, "give --seconds, or --conditioning"),
        ("plain", ["--seconds", "-1"], 2, "'--seconds': -1.0 is not in the range"),
        ("plain", ["--seconds", "nan"], 2, "--seconds: expected a finite number, got nan"),
        ("plain", ["--seconds", "inf"], 2, "--seconds: expected a finite number, got inf"),
        ("plain", ["--seconds", "1", "--backend", "fast"], 2, "'fast' is not one of"),
        ("plain", ["--seconds", "1", "--threads", "0"], 2, "'--threads': 0 is not in the range"),
        ("plain", ["--seconds", "1", "--seed", "-1"], 2, "'--seed': -1 is not in the range"),
        ("plain", ["--seconds", "1", "--seed", str(2**64)], 1, "Error: seed: expected an integer"),
        ("plain", ["--seconds", "1", "--temperature", "-1"], 2, "'--temperature': -1.0 is not in"),
        ("plain", ["--seconds", "1", "--temperature", "nan"], 1, "temperature: expected a number"),
        ("plain", ["--seconds", "1", "--speaker", "0"], 1, "speaker: expected None"),
        ("plain", ["--seconds", "1", "--prompt", "none.wav"], 1, "none.wav: cannot read it"),
        ("plain", ["--seconds", "1", "--prompt", "text.txt"], 1, "text.txt: cannot read it"),
        ("plain", ["--seconds", "1", "--prompt", "fast.wav"], 1, "got 1 at 16000 Hz"),
        ("plain", ["--seconds", "1", "--prompt", "stereo.wav"], 1, "got 2 at 8000 Hz"),
        ("plain", ["--seconds", "1", "--prompt", "empty.wav"], 1, "prompt: expected audio"),
        ("plain", ["--seconds", "1", "--compute-type", "int4"], 2, "'int4' is not one of"),
        (
            "plain",
            ["--seconds", "1", "--compute-type", "int8"],
            1,
            "compute_type: expected 'float32'",
        ),
        ("plain", ["--conditioning", "mel.npy"], 1, "conditioning: expected None"),
        ("nowhere", ["--seconds", "1"], 1, "is not a model directory"),
        ("everything", ["--seconds", "1", "--speaker", "0"], 1, "conditioning: expected [batch"),
        ("everything", ["--conditioning", "none.npy"], 1, "none.npy: cannot read it"),
        ("everything", ["--conditioning", "text.txt"], 1, "text.txt: cannot read it"),
        ("everything", ["--conditioning", "objects.npy"], 1, "objects.npy: cannot read it"),
        ("everything", ["--conditioning", "flat.npy"], 1, "expected [frames, channels], got (3,)"),
        ("everything", ["--conditioning", "several.npz"], 1, "got several arrays"),
        ("everything", ["--conditioning", "mel.npy"], 1, "speaker: expected a number below 3"),
        ("everything", ["--conditioning", "mel.npy", "--speaker", "3"], 1, "speaker: expected num"),
    ],
)
def test_bad_input(
    folder: Path, tmp_path: Path, model: str, options: list[str], status: int, message: str
) -> None:
    out = tmp_path / "a.wav"
    out.write_text("kept")
    backend = () if "--backend" in options else ("--backend", "graph")
    result = run(folder, model, out, *options, *backend)
    assert result.exit_code == status, result.output
    assert message in result.output
    assert status == 2 or len(result.output.splitlines()) == 1
    assert out.read_text() == "kept"
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_a_folder_that_is_not_there(folder: Path, tmp_path: Path) -> None:
    result = run(folder, "plain", tmp_path / "none" / "a.wav", "--seconds", "1")
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "--out: expected a file in a folder that exists" in result.output


def test_a_missing_library_names_the_remedy(folder: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tfopt", "generate", "--model", str(folder / "plain")),
            *("--seconds", "1", "--out", str(tmp_path / "a.wav")),
        ],
        env={**os.environ, "TFOPT_OPS_LIBRARY": str(tmp_path / "none.so")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "make setup" in done.stderr
    assert len(done.stderr.splitlines()) == 1
