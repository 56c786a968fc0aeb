"""`tfopt-native generate` in a pipe: audio leaves while frames arrive, and memory stays flat."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from native_program import PROGRAM, expect_program, peak_memory, rejected, run
from native_wavenets import frames_header, write_models

expect_program()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_models(tmp_path_factory.mktemp("native"))


def test_audio_leaves_while_frames_arrive(folder: Path) -> None:
    """A frame's audio comes when two more are there: each stage looks one of its frames ahead."""
    frames = np.load(folder / "everything.npy")
    given = ("--speaker", "1", "--format", "f32le")
    arguments = (PROGRAM, "generate", folder / "everything.tfopt", *given, "--conditioning")
    whole = subprocess.run([*arguments, folder / "everything.npy"], capture_output=True, check=True)
    with subprocess.Popen(
        [*arguments, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write(frames_header(-1, 3))
        heard = b""
        # With n frames (n - 1) * 3 rows are ready behind the first stage, and one less behind the second.
        for number, ready in enumerate((0, 4, 10, 16, 22)):
            program.stdin.write(frames[number].tobytes())
            program.stdin.flush()
            heard += os.read(program.stdout.fileno(), 1000) if ready else b""
            while len(heard) < 4 * ready:
                heard += os.read(program.stdout.fileno(), 1000)
            assert len(heard) == 4 * ready
        rest, _ = program.communicate(frames[5:].tobytes())
    assert program.returncode == 0
    assert heard + rest == whole.stdout


def test_a_stream_has_a_header_without_an_end(folder: Path) -> None:
    frames = np.load(folder / "everything.npy")
    arguments = ("generate", folder / "everything.tfopt", "--speaker", 0, "--conditioning", "-")
    known = run(*arguments, text=(folder / "everything.npy").read_bytes()).stdout
    unknown = run(*arguments, text=frames_header(-1, 3) + frames.tobytes()).stdout
    samples = len(frames) * 6
    assert known[4:8] == (36 + 2 * samples).to_bytes(4, "little")
    assert known[40:44] == (2 * samples).to_bytes(4, "little")
    assert unknown[4:8] == unknown[40:44] == b"\xff\xff\xff\xff"
    assert known[44:] == unknown[44:]
    assert len(known) == 44 + 2 * samples


def test_a_file_of_a_stream_says_its_length(folder: Path, tmp_path: Path) -> None:
    frames = np.load(folder / "everything.npy")
    arguments = ("generate", folder / "everything.tfopt", "--speaker", 0, "--conditioning", "-")
    run(*arguments, "--out", tmp_path / "a.wav", text=frames_header(-1, 3) + frames.tobytes())
    known = run(*arguments, text=(folder / "everything.npy").read_bytes()).stdout
    assert (tmp_path / "a.wav").read_bytes() == known


def test_the_model_may_come_through_a_pipe(folder: Path) -> None:
    packed = folder / "plain.tfopt"
    arguments = ("--samples", 100)
    assert (
        run("generate", "/dev/stdin", *arguments, text=packed.read_bytes()).stdout
        == run("generate", packed, *arguments).stdout
    )


def test_standard_input_is_one_thing(folder: Path) -> None:
    """The model or frames."""
    packed = (folder / "everything.tfopt").read_bytes()
    for model, frames in (("-", "-"), ("-", "/dev/stdin"), ("/dev/stdin", "-")):
        message = rejected("generate", model, "--conditioning", frames, text=packed)
        assert (
            f"--conditioning: expected a file, since standard input is the model, got {frames}"
            in message
        )


def test_a_reader_that_goes_ends_it_quietly(folder: Path) -> None:
    command = f"'{PROGRAM}' generate '{folder}/plain.tfopt' --seconds 1e6 | head -c 100000 | wc -c"
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=True)
    assert (done.stdout.strip(), done.stderr) == (b"100000", b"")


def test_an_interrupted_run_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.wav"
    out.write_text("kept")
    with subprocess.Popen(
        [PROGRAM, "generate", folder / "plain.tfopt", "--seconds", "1e6", "--out", out],
        stderr=subprocess.PIPE,
    ) as program:
        while not list(tmp_path.glob(".a.wav-*")):
            time.sleep(0.01)
        program.send_signal(signal.SIGTERM)
        _, error = program.communicate()
    assert (program.returncode, error) == (128 + signal.SIGTERM, b"")
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]
    assert out.read_text() == "kept"


def test_memory_stays_flat(folder: Path, tmp_path: Path) -> None:
    """A hundred times the audio takes no more memory, with frames and without."""
    for name, given in (("plain", []), ("everything", ["--speaker", "0", "--conditioning", "-"])):
        peaks = []
        for frames in (1_000, 100_000):
            source = tmp_path / "frames.npy"
            source.write_bytes(frames_header(frames, 3) + bytes(frames * 12))
            length = ("--samples", frames * 6)
            peaks.append(
                peak_memory("generate", folder / f"{name}.tfopt", *length, *given, source=source)
            )
        assert peaks[1] < peaks[0] + 2**20, peaks
