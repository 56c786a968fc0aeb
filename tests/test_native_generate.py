"""`tfopt-native generate` against the backend `native`: the same samples, to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from native_program import expect_program, run
from native_wavenets import floats, frames_header, write_models
from wavenet_models import MODELS, load, make, write

from tfopt import model_directory, wavenet
from tfopt.cli import cli
from tfopt.pack import pack
from tfopt.wavenet.presets import PRESETS

expect_program()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_models(tmp_path_factory.mktemp("native"))


def options(folder: Path, name: str) -> list[str]:
    """What a model needs for some thousand samples."""
    config, _ = make(name)
    given = ["--seed", str(2**64 - 5), "--temperature", "0.83"]
    if config.global_classes:
        given += ["--speaker", "2"]
    if config.local_channels:
        return [*given, "--conditioning", str(folder / f"{name}.npy")]
    return [*given, "--seconds", "0.4"]


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
@pytest.mark.parametrize("level", ["baseline", "avx2", "avx512", "avx512_vnni", "avx512_bf16"])
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
