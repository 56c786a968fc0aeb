"""`tfopt-native generate` against the backend `native`: the same samples, to the last bit."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from native_program import PROGRAM, expect_program, peak_memory, rejected, run
from numpy.typing import NDArray
from wavenet_models import MODELS, conditions, load, make, write

from tfopt import model_directory, wavenet
from tfopt.cli import cli
from tfopt.pack import pack

expect_program()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every model, as a directory and packed, and conditioning for those that take it."""
    directory = tmp_path_factory.mktemp("native")
    for name in MODELS:
        model = write(directory / name, name)
        pack(model, directory / f"{name}.tfopt")
        config, _ = make(name)
        if config.local_channels:
            frames = conditions(config, 1, 3000)["conditioning"][0]
            np.save(directory / f"{name}.npy", frames.astype(np.float32))
    return directory


def options(folder: Path, name: str) -> list[str]:
    """What a model needs for some thousand samples."""
    config, _ = make(name)
    given = ["--seed", str(2**64 - 5), "--temperature", "0.83"]
    if config.global_classes:
        given += ["--speaker", "2"]
    if config.local_channels:
        return [*given, "--conditioning", str(folder / f"{name}.npy")]
    return [*given, "--seconds", "0.4"]


def floats(audio: bytes) -> NDArray[np.float32]:
    return np.frombuffer(audio, "<f4")


@pytest.mark.same_bits
@pytest.mark.parametrize("name", MODELS)
def test_the_files_are_the_same(folder: Path, tmp_path: Path, name: str) -> None:
    given = options(folder, name)
    arguments = ["generate", "--backend", "native", "--model", str(folder / name)]
    result = CliRunner().invoke(cli, [*arguments, *given, "--out", str(tmp_path / "python.wav")])
    assert result.exit_code == 0, result.output
    done = run("generate", folder / f"{name}.tfopt", *given, "--out", tmp_path / "native.wav")
    assert (done.stdout, done.stderr) == (b"", b"")
    wav = (tmp_path / "native.wav").read_bytes()
    assert len(wav) > 6000
    assert wav == (tmp_path / "python.wav").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["native.wav", "python.wav"]


@pytest.mark.same_bits
@pytest.mark.parametrize("name", MODELS)
def test_the_amplitudes_are_the_same(folder: Path, name: str) -> None:
    """As float32, before they become 16 bits; temperature 0 as well."""
    config, _ = make(name)
    given: dict[str, Any] = {"speaker": 1} if config.global_classes else {}
    wanted = [f"--{key}={value}" for key, value in given.items()]
    if config.local_channels:
        given["conditioning"] = np.load(folder / f"{name}.npy")
        wanted += ["--conditioning", str(folder / f"{name}.npy")]
    for temperature in (1.0, 0.0):
        audio = run(
            *("generate", folder / f"{name}.tfopt", "--format", "f32le", "--samples", 1000),
            *(*wanted, "--seed", 9, "--temperature", temperature),
        ).stdout
        expected = load(name, "native").generate(
            samples=1000, seed=9, temperature=temperature, **given
        )[0]
        assert floats(audio).tobytes() == expected.tobytes()


@pytest.mark.same_bits
def test_numbers_below_the_normal_ones(tmp_path: Path) -> None:
    """TensorFlow takes them for zero. Were they not, these weights would make large numbers of them."""
    config, weights = make("mixture, frames")
    scales = {"local.kernel": 1e37, "upsample": 1e-3}
    extreme = {
        name: tensor * np.float32(np.prod([s for part, s in scales.items() if part in name]))
        for name, tensor in weights.items()
    }
    model_directory.write(
        tmp_path / "model", kind="wavenet", config=config.to_dict(), weights=extreme, card=""
    )
    pack(tmp_path / "model", tmp_path / "model.tfopt")
    net = wavenet.load(tmp_path / "model")
    frames = np.random.default_rng(0).normal(scale=1e-35, size=(100, 3)).astype(np.float32)
    np.save(tmp_path / "frames.npy", frames)
    expected = net.generate(frames, seed=3)[0]
    assert np.array_equal(expected, net.generate(np.zeros_like(frames), seed=3)[0])
    audio = run(
        *("generate", tmp_path / "model.tfopt", "--conditioning", tmp_path / "frames.npy"),
        *("--format", "f32le", "--seed", 3),
    ).stdout
    assert floats(audio).tobytes() == expected.tobytes()


@pytest.mark.same_bits
@pytest.mark.parametrize("level", ["baseline", "avx2", "avx512"])
def test_every_instruction_set(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    """TFOPT_ISA chooses for the program as for the op."""
    monkeypatch.setenv("TFOPT_ISA", level)
    arguments = ("generate", folder / "everything.tfopt", *options(folder, "everything"))
    done = run(*arguments, "--format", "s16le", check=False)
    if done.returncode:
        assert f"got '{level}'" in done.stderr.decode()  # not one of this CPU's
        return
    net = wavenet.load(folder / "everything")
    expected = net.generate(
        np.load(folder / "everything.npy"), seed=2**64 - 5, temperature=0.83, speaker=2
    )
    audio = run(*arguments, "--format", "f32le").stdout
    assert floats(audio).tobytes() == expected[0].tobytes()


def test_threads_change_nothing(tmp_path: Path) -> None:
    from tfopt.wavenet.presets import PRESETS

    config = PRESETS["default"]
    weights = wavenet.random_weights(config, seed=0)
    model_directory.write(
        tmp_path / "model", kind="wavenet", config=config.to_dict(), weights=weights, card=""
    )
    pack(tmp_path / "model", tmp_path / "model.tfopt")
    arguments = ("generate", tmp_path / "model.tfopt", "--samples", 600, "--format", "f32le")
    one, two = (run(*arguments, "--threads", threads).stdout for threads in (1, 2))
    assert len(one) == 2400
    assert one == two


def test_16_bits_are_those_of_libsndfile(tmp_path: Path) -> None:
    """Over amplitudes of all sizes: a Gaussian model's."""
    import soundfile  # type: ignore[import-untyped]

    pack(write(tmp_path / "model", "gaussian, speakers"), tmp_path / "model.tfopt")
    arguments = ("generate", tmp_path / "model.tfopt", "--seconds", 5, "--speaker", 0)
    amplitudes = floats(run(*arguments, "--format", "f32le", "--temperature", 8).stdout)
    assert {-1.0, 1.0} <= set(amplitudes.tolist())  # clipped ones too
    soundfile.write(tmp_path / "a.wav", amplitudes, 8000, "PCM_16")
    assert run(*arguments, "--temperature", 8).stdout == (tmp_path / "a.wav").read_bytes()


def frames_header(frames: int, channels: int) -> bytes:
    """What stands before the frames of an .npy file; -1 frames: nobody knows how many."""
    text = (
        f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({frames}, {channels}), }}\n".encode()
    )
    return b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text


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


def test_no_audio(folder: Path) -> None:
    assert len(run("generate", folder / "plain.tfopt", "--samples", 0).stdout) == 44
    arguments = ("generate", folder / "everything.tfopt", "--speaker", 0, "--conditioning", "-")
    assert len(run(*arguments, text=frames_header(0, 3)).stdout) == 44
    assert len(run(*arguments, text=frames_header(-1, 3)).stdout) == 44


def test_as_much_as_is_asked_for(folder: Path) -> None:
    arguments = ("generate", folder / "everything.tfopt", "--speaker", 0, "--format", "s16le")
    frames = ("--conditioning", folder / "everything.npy")
    whole = run(*arguments, *frames).stdout
    assert run(*arguments, *frames, "--samples", 700).stdout == whole[:1400]
    assert run(*arguments, *frames, "--seconds", 0.0125).stdout == whole[:200]
    assert run(*arguments, *frames, "--seconds", 1000).stdout == whole


def test_integers_are_decimal(folder: Path) -> None:
    """A zero in front does not make them octal."""
    assert len(run("generate", folder / "plain.tfopt", "--samples", "010").stdout) == 44 + 20


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
