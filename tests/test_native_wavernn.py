"""`tfopt-native generate` of a WaveRNN against the backend `native`: the same samples, to the last bit.

Where the program was compiled otherwise, the reference says that they are rightly drawn.
"""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from native_program import PROGRAM, expect_program, rejected, run
from numpy.typing import NDArray

from tfopt import model_directory, randomness, wavernn
from tfopt.pack import pack
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.random_weights import random_weights
from tfopt.wavernn.reference import NEAR_TIE, Reference
from tfopt.wavernn.samples import audio as audio_of

expect_program()

_PLAIN: dict[str, Any] = {
    "sample_rate": 8000,
    "mel_channels": 4,
    "upsample_factors": [3, 2],
    "pad": 2,
    "resnet_channels": 7,
    "resnet_blocks": 2,
    "aux_channels": 3,
    "rnn_channels": 17,
    "fc_channels": 19,
    "output": "categorical",
    "bits": 5,
}
_MIXTURE = {"output": "logistic_mixture", "bits": 0, "mixtures": 3}
MODELS: dict[str, dict[str, Any]] = {
    "plain": _PLAIN,
    "mu-law, one of each": _PLAIN | {"mu_law": True, "bits": 9, "rnn_layers": 1, "fc_layers": 1},
    "split": _PLAIN | {"output": "split", "bits": 9, "pad": 0, "resnet_blocks": 0},
    "mixture": _PLAIN | _MIXTURE | {"pad": 1, "upsample_factors": [5]},
    # As wide as models are, so that sums are long, and of more than one tile.
    "wide mixture": _PLAIN
    | _MIXTURE
    | {"mel_channels": 80, "resnet_channels": 128, "resnet_blocks": 10, "aux_channels": 32}
    | {"rnn_channels": 64, "upsample_factors": [5, 2]},
}
FRAMES = 150


@cache
def make(name: str) -> tuple[WavernnConfig, model_directory.Weights]:
    config = WavernnConfig.from_dict(MODELS[name], name)
    return config, random_weights(config, seed=len(name))


def mel(config: WavernnConfig, seed: int = 1) -> NDArray[np.float32]:
    frames = np.random.default_rng(seed).normal(size=(FRAMES, config.mel_channels))
    return frames.astype(np.float32)


def write(directory: Path, name: str) -> Path:
    """A model's folder, with its file `packed` and the frames `mel.npy` in it."""
    config, weights = make(name)
    model_directory.write(
        directory, kind="wavernn", config=config.to_dict(), weights=weights, card="# a test\n"
    )
    pack(directory, directory / "packed")
    np.save(directory / "mel.npy", mel(config))
    return directory


def generate(folder: Path, *arguments: object) -> NDArray[np.float32]:
    """What the program makes of the frames, as amplitudes."""
    given = ("generate", folder / "packed", "--conditioning", folder / "mel.npy")
    return np.frombuffer(run(*given, "--format", "f32le", *arguments).stdout, "<f4")


@pytest.mark.same_bits
@pytest.mark.parametrize("name", MODELS)
def test_the_samples_are_the_same(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path / "model", name)
    config, weights = make(name)
    net = wavernn.Wavernn(config, weights, "native")
    for seed, temperature in ((2**64 - 5, 0.83), (1, 0.0)):
        expected = net.generate(mel(config), seed=seed, temperature=temperature)
        audio = generate(folder, "--seed", seed, "--temperature", temperature)
        assert len(audio) == FRAMES * config.hop_length
        assert audio.tobytes() == np.asarray(expected).tobytes()
    assert np.array_equal(generate(folder, "--samples", 100), generate(folder)[:100])


@pytest.mark.same_bits
@pytest.mark.parametrize("name", ["plain", "mixture"])
def test_a_batch_of_the_package_is_runs_of_the_program(tmp_path: Path, name: str) -> None:
    """And `fused` gives what `native` does."""
    folder = write(tmp_path / "model", name)
    config, weights = make(name)
    mels = np.stack([mel(config, seed) for seed in range(3)])
    batch = wavernn.Wavernn(config, weights, "native").generate(mels, streams=[0, 0, 0])
    fused = wavernn.Wavernn(config, weights, "fused").generate(mels, streams=[0, 0, 0])
    assert fused.tobytes() == batch.tobytes()
    for row, frames in zip(batch, mels, strict=True):
        np.save(folder / "mel.npy", frames)
        assert generate(folder).tobytes() == row.tobytes()


@pytest.mark.parametrize("name", MODELS)
def test_the_samples_are_rightly_drawn(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path / "model", name)
    config, weights = make(name)
    time = 400
    audio = generate(folder, "--samples", time, "--seed", 3)
    samples: NDArray[Any] = audio
    if config.classes:
        heard = audio_of(config, np.arange(config.classes))
        samples = np.searchsorted(heard, audio)
        assert np.array_equal(heard[samples], audio)
    uniforms = randomness.uniforms(3, range(1), 0, time, config.uniforms)[0]
    judge = Reference(config, weights, np.float64)
    assert judge.differences(samples, uniforms, mel(config)).max() < NEAR_TIE


def test_audio_leaves_when_its_frames_are_there(tmp_path: Path) -> None:
    """Two frames behind a frame: both networks look as far ahead."""
    folder = write(tmp_path / "model", "plain")
    frames = mel(make("plain")[0])
    with (folder / "header").open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (-1, 4)}
        np.lib.format.write_array_header_1_0(file, header)
    arguments = ["--conditioning", "-", "--format", "f32le"]
    with subprocess.Popen(
        [PROGRAM, "generate", folder / "packed", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write((folder / "header").read_bytes())
        heard = b""
        for number in range(6):
            program.stdin.write(frames[number].tobytes())
            program.stdin.flush()
            while len(heard) < 4 * 6 * (number - 1):
                heard += os.read(program.stdout.fileno(), 1000)
            assert len(heard) == 4 * 6 * max(number - 1, 0)
        rest, _ = program.communicate(frames[6:].tobytes())
    assert program.returncode == 0
    assert heard + rest == generate(folder).tobytes()


def test_info(tmp_path: Path) -> None:
    folder = write(tmp_path / "model", "split")
    text = run("info", folder / "packed").stdout.decode()
    for line in ("WaveRNN", "8000 Hz", "[frames, 4], 6 samples a frame", "in two steps"):
        assert line in text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((), "--conditioning: expected [frames, 4] in a file or in -, got none"),
        (("--speaker", 0), "--speaker: expected none, since the model has none, got 0"),
        (("--conditioning", "wide.npy"), "[frames, 4], got [2, 5]"),
    ],
)
def test_bad_input(tmp_path: Path, given: tuple[object, ...], message: str) -> None:
    folder = write(tmp_path / "model", "plain")
    np.save(tmp_path / "wide.npy", np.ones([2, 5], np.float32))
    words = [tmp_path / word if word == "wide.npy" else word for word in given]
    assert message in rejected("generate", folder / "packed", *words)
