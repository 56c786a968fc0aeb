"""`tfopt-native` on models packed in every compute type, against the backend `native`: the same bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import wavenet_models
import wavernn_models
from conftest import random_weights, tiny_config, write_model
from native_program import expect_program, run

from tfopt import g2p, model_directory, wavenet, wavernn
from tfopt.pack import pack

expect_program()

pytestmark = pytest.mark.same_bits
TYPES = ("float32", "bfloat16", "int16", "int8")


def with_zeros(weights: model_directory.Weights) -> model_directory.Weights:
    """The same with two of three rows of every kernel at zero, so that it is packed block-sparse."""
    kept = {name: tensor.copy() for name, tensor in weights.items()}
    for name, tensor in kept.items():
        if "kernel" in name and tensor.ndim > 1 and not name.startswith(("upsample", "resnet")):
            rows = np.arange(tensor.shape[-2]) // 4 % 3 > 0
            tensor[..., rows, :] = 0
    return kept


def packed(directory: Path, models: Any, name: str, compute_type: str, *, zeros: bool) -> Path:
    config, weights = models.make(name)
    model_directory.write(
        directory,
        kind=models.__name__.partition("_")[0],
        config=config.to_dict(),
        weights=with_zeros(weights) if zeros else weights,
        card="",
    )
    pack(directory, directory / "packed", compute_type)
    return directory


@pytest.mark.parametrize("zeros", [False, True])
@pytest.mark.parametrize("compute_type", TYPES)
def test_a_wavenet(tmp_path: Path, compute_type: str, zeros: bool) -> None:
    folder = packed(tmp_path / "model", wavenet_models, "wide", compute_type, zeros=zeros)
    config, _ = wavenet_models.make("wide")
    frames = wavenet_models.conditions(config, 1, 400)["conditioning"].astype(np.float32)
    np.save(folder / "frames.npy", frames[0])
    audio = run(
        *("generate", folder / "packed", "--conditioning", folder / "frames.npy"),
        *("--format", "f32le", "--seed", 9),
    ).stdout
    net = wavenet.load(folder, compute_type=compute_type)
    assert audio == net.generate(frames, seed=9).tobytes()


@pytest.mark.parametrize("zeros", [False, True])
@pytest.mark.parametrize("compute_type", TYPES)
def test_a_wavernn(tmp_path: Path, compute_type: str, zeros: bool) -> None:
    folder = packed(tmp_path / "model", wavernn_models, "split", compute_type, zeros=zeros)
    config, _ = wavernn_models.make("split")
    mel = wavernn_models.spectrogram(config, 40)
    np.save(folder / "mel.npy", mel)
    audio = run(
        *("generate", folder / "packed", "--conditioning", folder / "mel.npy"),
        *("--format", "f32le", "--seed", 9),
    ).stdout
    net = wavernn.load(folder, compute_type=compute_type)
    assert audio == net.generate(mel, seed=9).tobytes()


@pytest.mark.parametrize("compute_type", TYPES)
def test_a_g2p_model(tmp_path: Path, architecture: str, compute_type: str) -> None:
    config = tiny_config(architecture)
    folder = write_model(tmp_path / "model", config, random_weights(config))
    pack(folder, folder / "packed", compute_type)
    letters = np.random.default_rng(0).choice(list("abcdefg"), (200, 6))
    words = ["".join(word) for word in letters]
    printed = run("predict", folder / "packed", *words).stdout.decode()
    expected = g2p.load(folder, compute_type=compute_type).predict(words)
    assert [line.split("\t")[1].split() for line in printed.splitlines()] == expected
