"""Small WaveRNNs of awkward sizes, which several tests share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt import model_directory, mu_law, wavernn
from tfopt.randomness import uniforms
from tfopt.wavernn.reference import Reference

_PLAIN: dict[str, Any] = {
    "sample_rate": 8000,
    "mel_channels": 5,
    "upsample_factors": [3, 2],
    "pad": 2,
    "resnet_channels": 7,
    "resnet_blocks": 2,
    "aux_channels": 3,
    "rnn_channels": 9,
    "fc_channels": 10,
    "output": "categorical",
    "bits": 5,
    "mu_law": True,
}
_MIXTURE = {"output": "logistic_mixture", "bits": 0, "mu_law": False, "mixtures": 3}
_ONE_OF_EACH = {"rnn_layers": 1, "fc_layers": 1}

MODELS: dict[str, dict[str, Any]] = {
    "plain": _PLAIN,
    "amplitudes": _PLAIN | {"mu_law": False, "upsample_factors": [7], "pad": 1},
    "split": _PLAIN | {"output": "split", "bits": 9, "upsample_factors": [2, 2, 2]},
    "split, one of each": _PLAIN | _ONE_OF_EACH | {"output": "split", "bits": 16},
    "mixture": _PLAIN | _MIXTURE | {"pad": 3, "upsample_factors": [4]},
    "mixture, one of each": _PLAIN | _MIXTURE | _ONE_OF_EACH | {"resnet_blocks": 0},
    "no pad": _PLAIN | {"pad": 0, "upsample_factors": [2, 3, 2]},
    "one sample a frame": _PLAIN | {"pad": 1, "upsample_factors": [1, 1]},
    "width 1": _PLAIN
    | dict.fromkeys(["mel_channels", "resnet_channels", "aux_channels"], 1)
    | dict.fromkeys(["rnn_channels", "fc_channels", "bits"], 1),
    # Products large enough for TensorFlow to split them over threads.
    "wide": _PLAIN
    | {"mel_channels": 80, "resnet_channels": 128, "aux_channels": 32, "upsample_factors": [5, 4]}
    | {"rnn_channels": 64, "fc_channels": 64, "bits": 9},
}


@cache
def make(name: str) -> tuple[wavernn.WavernnConfig, model_directory.Weights]:
    """A model's config and weights."""
    config = wavernn.WavernnConfig.from_dict(MODELS[name], name)
    return config, wavernn.random_weights(config, seed=len(name))


@cache
def load(name: str, backend: str) -> wavernn.Wavernn:
    """A model on a backend, made once."""
    return wavernn.Wavernn(*make(name), backend)


def on_backends(*names: str) -> list[tuple[str, str]]:
    """Models on every backend: the slow one, and the one that compiles, take the first model only."""
    return [
        (name, backend)
        for backend in wavernn.BACKENDS
        for name in (names[:1] if backend in ("naive", "xla") else names)
    ]


def write(directory: Path, name: str) -> Path:
    """A model as a directory."""
    config, weights = make(name)
    model_directory.write(
        directory, kind="wavernn", config=config.to_dict(), weights=weights, card="# a test\n"
    )
    return directory


def spectrogram(config: wavernn.WavernnConfig, *shape: int, seed: int = 0) -> NDArray[np.float32]:
    """Mel frames, [*shape, mel_channels]."""
    values = np.random.default_rng(seed).normal(size=(*shape, config.mel_channels))
    return values.astype(np.float32)


def samples_of(config: wavernn.WavernnConfig, audio: NDArray[np.float32]) -> NDArray[Any]:
    """What the network drew: classes or amplitudes."""
    if not config.classes:
        return audio
    if config.mu_law:
        return mu_law.encode(audio, config.classes)
    return np.rint((audio.astype(np.float64) + 1) / 2 * (config.classes - 1)).astype(np.int32)


def differences(
    name: str,
    audio: NDArray[np.float32],
    mel: NDArray[np.float32],
    *,
    seed: int = 0,
    streams: Sequence[int] | None = None,
    temperature: float = 1.0,
) -> NDArray[np.float64]:
    """How far the reference is from drawing each sample, [batch, time]; see `Reference.differences`."""
    config, weights = make(name)
    judge = Reference(config, weights, np.float64)
    batch, time = audio.shape
    numbers = uniforms(seed, streams or range(batch), 0, time, config.uniforms)
    rows = zip(samples_of(config, audio), numbers, mel, strict=True)
    return np.stack([judge.differences(*row, temperature) for row in rows])
