"""Small WaveNets of awkward sizes, which several tests share."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt import model_directory, mu_law, wavenet
from tfopt.randomness import uniforms
from tfopt.wavenet.config import BIASES
from tfopt.wavenet.reference import Reference

_PLAIN: dict[str, Any] = {
    "sample_rate": 8000,
    "residual_channels": 5,
    "gate_channels": 6,
    "skip_channels": 7,
    "end_channels": 9,
    "dilations": [1, 2, 4, 1, 3],
    "input": "one_hot",
    "output": "categorical",
    "classes": 17,
    "biases": list(BIASES),
}
_LOCAL = {"local_channels": 3, "upsample_factors": [3, 2]}
_GLOBAL = {"global_classes": 3, "global_channels": 4}
_MIXTURE = {"input": "scalar", "output": "logistic_mixture", "classes": 0, "mixtures": 3}
_GAUSSIAN = {"input": "scalar", "output": "gaussian", "classes": 0}

MODELS: dict[str, dict[str, Any]] = {
    "plain": _PLAIN,
    "one layer, no bias": _PLAIN | {"dilations": [1], "biases": []},
    "width 1": _PLAIN
    | dict.fromkeys(["residual_channels", "gate_channels", "skip_channels", "end_channels"], 1)
    | {"classes": 2},
    "long kernels": _PLAIN | {"kernel_size": 3, "input_kernel_size": 4, "biases": ["conv"]},
    "long dilation": _PLAIN | {"dilations": [1, 700, 2], "classes": 300},
    "classes as amplitudes": _PLAIN | {"input": "scalar", "input_kernel_size": 2} | _GLOBAL,
    "mixture, frames": _PLAIN | _MIXTURE | _LOCAL,
    "gaussian, speakers": _PLAIN | _GAUSSIAN | _GLOBAL | {"kernel_size": 4, "biases": ["skip"]},
    # Products large enough for TensorFlow to split them over threads.
    "wide": _PLAIN
    | {"residual_channels": 64, "gate_channels": 64, "skip_channels": 128, "dilations": [1, 2, 64]}
    | {"local_channels": 80, "upsample_factors": [8]},
    "everything": _PLAIN | _LOCAL | _GLOBAL | {"kernel_size": 3, "input_kernel_size": 2},
}


@cache
def make(name: str) -> tuple[wavenet.WavenetConfig, model_directory.Weights]:
    """A model's config and weights."""
    config = wavenet.WavenetConfig.from_dict(MODELS[name], name)
    return config, wavenet.random_weights(config, seed=len(name))


@cache
def load(name: str, backend: str) -> wavenet.Wavenet:
    """A model on a backend, made once."""
    return wavenet.Wavenet(*make(name), backend)


def write(directory: Path, name: str) -> Path:
    """A model as a directory."""
    config, weights = make(name)
    model_directory.write(
        directory, kind="wavenet", config=config.to_dict(), weights=weights, card="# a test\n"
    )
    return directory


def conditions(
    config: wavenet.WavenetConfig, batch: int, samples: int, seed: int = 0
) -> dict[str, Any]:
    """Arguments for `generate` that this config needs, enough for so many samples fed."""
    random = np.random.default_rng(seed)
    given: dict[str, Any] = {}
    if config.local_channels:
        frames = -(-samples // config.hop_length)
        given["conditioning"] = random.normal(size=(batch, frames, config.local_channels))
    if config.global_classes:
        given["speaker"] = [row % config.global_classes for row in range(batch)]
    return given


def samples_of(config: wavenet.WavenetConfig, audio: NDArray[np.float32]) -> NDArray[Any]:
    """What the network drew: class numbers or amplitudes."""
    return mu_law.encode(audio, config.classes) if config.output == "categorical" else audio


def differences(
    name: str,
    audio: NDArray[np.float32],
    given: dict[str, Any],
    *,
    prompt: NDArray[Any] | None = None,
    seed: int = 0,
    temperature: float = 1.0,
) -> NDArray[np.float64]:
    """How far the reference is from drawing each sample, [batch, time]; see `Reference.differences`."""
    config, weights = make(name)
    judge = Reference(config, weights, np.float64)
    batch, time = audio.shape
    numbers = uniforms(seed, range(batch), 0, time, config.uniforms)
    result = np.zeros(audio.shape)
    for row in range(batch):
        start = () if prompt is None else samples_of(config, np.atleast_2d(prompt)[row])
        rows = None
        if config.local_channels:
            steps = time + max(len(start) - 1, 0)
            rows = judge.upsample(given["conditioning"][row])[:steps]
        result[row] = judge.differences(
            samples_of(config, audio[row]),
            numbers[row],
            rows,
            given["speaker"][row] if config.global_classes else None,
            prompt=start,
            temperature=temperature,
        )
    return result
