"""The WaveNet config: what follows from it, what it refuses; random weights that fit it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfopt import model_directory, randomness
from tfopt.wavenet.config import BIASES, WavenetConfig, doubling, read
from tfopt.wavenet.random_weights import random_weights
from tfopt.wavenet.reference import Reference

SETTINGS: dict[str, Any] = {
    "sample_rate": 16_000,
    "residual_channels": 3,
    "gate_channels": 4,
    "skip_channels": 5,
    "end_channels": 6,
    "dilations": [1, 2, 4],
    "kernel_size": 3,
    "input": "one_hot",
    "input_kernel_size": 2,
    "output": "categorical",
    "classes": 11,
    "mixtures": 0,
    "biases": list(BIASES),
    "local_channels": 7,
    "upsample_factors": [2, 5],
    "global_classes": 8,
    "global_channels": 9,
}
MIXTURE = {"input": "scalar", "output": "logistic_mixture", "classes": 0, "mixtures": 4}
GAUSSIAN = {"input": "scalar", "output": "gaussian", "classes": 0}


def config(**changes: Any) -> WavenetConfig:
    return WavenetConfig.from_dict(SETTINGS | changes, "here")


def test_what_follows() -> None:
    full = config()
    assert full.hop_length == 10
    assert full.outputs == 11
    assert full.uniforms == 1
    # 2 more taps of dilations 1, 2, 4; one more of the input's; and the sample itself.
    assert full.receptive_field == 2 * (1 + 2 + 4) + 1 + 1
    assert (config(**MIXTURE).outputs, config(**MIXTURE).uniforms) == (12, 2)
    assert (config(**GAUSSIAN).outputs, config(**GAUSSIAN).uniforms) == (2, 2)
    assert config(local_channels=0, upsample_factors=[]).hop_length == 1


def test_shapes() -> None:
    shapes = config().shapes
    assert {name: shape for name, shape in shapes.items() if ".1." not in name} == {
        "input.kernel": (2, 11, 3),
        "input.bias": (3,),
        **{
            f"layers.{i}.{name}": shape
            for i in (0, 2)
            for name, shape in {
                "conv.kernel": (3, 3, 8),
                "conv.bias": (8,),
                "local.kernel": (7, 8),
                "global.kernel": (9, 8),
                "residual.kernel": (4, 3),
                "residual.bias": (3,),
                "skip.kernel": (4, 5),
                "skip.bias": (5,),
            }.items()
        },
        "end.0.kernel": (5, 6),
        "end.0.bias": (6,),
        "global.embedding": (8, 9),
        "upsample.0.kernel": (5,),
    }
    assert shapes["end.1.kernel"] == (6, 11)
    assert shapes["end.1.bias"] == (11,)
    assert shapes["upsample.1.kernel"] == (11,)
    least = {"biases": [], "local_channels": 0, "upsample_factors": []}
    small = config(**least, global_classes=0, global_channels=0, input="scalar").shapes
    assert small["input.kernel"] == (2, 1, 3)
    assert {name.split(".")[-1] for name in small} == {"kernel"}
    assert not [name for name in small if "local" in name or "global" in name or "upsample" in name]


@pytest.mark.parametrize("bias", BIASES)
def test_biases_one_by_one(bias: str) -> None:
    names = [name for name in config(biases=[bias]).shapes if name.endswith("bias")]
    assert names
    assert all(bias in name for name in names)


def test_layers_and_blocks() -> None:
    assert doubling(3, 2) == (1, 2, 4, 1, 2, 4)
    settings = {name: value for name, value in SETTINGS.items() if name != "dilations"}
    short = WavenetConfig.from_dict(settings | {"layers": 3, "blocks": 1}, "here")
    assert short == config()


def test_there_and_back() -> None:
    full = config()
    assert json.loads(json.dumps(full.to_dict())) == SETTINGS
    assert WavenetConfig.from_dict(full.to_dict(), "here") == full
    needed = ("sample_rate", "dilations", "input", "output", "classes", "biases")
    widths = ("residual_channels", "gate_channels", "skip_channels", "end_channels")
    short = WavenetConfig.from_dict({name: SETTINGS[name] for name in (*needed, *widths)}, "here")
    assert (short.kernel_size, short.input_kernel_size, short.upsample_factors) == (2, 1, ())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": 1}, r"missing settings \[\], settings not known \['colour'\]"),
        ({"sample_rate": 0}, "sample_rate: expected an integer from 1 to 1000000, got 0"),
        ({"residual_channels": 0}, "residual_channels: expected an integer from 1 to 16384, got 0"),
        ({"gate_channels": 16_385}, "gate_channels: expected .* got 16385"),
        ({"skip_channels": 2.0}, r"skip_channels: expected .* got 2\.0"),
        ({"end_channels": True}, "end_channels: expected .* got True"),
        ({"kernel_size": 1}, "kernel_size: expected an integer from 2 to 1024, got 1"),
        ({"input_kernel_size": 0}, "input_kernel_size: expected an integer from 1"),
        ({"dilations": []}, "dilations: expected 1 to 1024 of them, got 0"),
        ({"dilations": [1] * 1025}, "dilations: expected 1 to 1024 of them, got 1025"),
        ({"dilations": [0]}, "dilations: expected an integer from 1 to 1048576, got 0"),
        ({"dilations": [1 << 21]}, "dilations: expected an integer from 1 to 1048576"),
        ({"dilations": ["1"]}, "dilations: expected an integer from 1 to 1048576, got '1'"),
        ({"dilations": 4}, "dilations: expected a list, got 4"),
        ({"dilations": [1 << 20] * 50}, "dilations: expected at most 268435456 numbers"),
        ({"layers": 3, "blocks": 1}, "dilations: expected either them or layers and blocks"),
        ({"input": "raw"}, "input: expected one of one_hot, scalar, got 'raw'"),
        ({"input": []}, r"input: expected one of one_hot, scalar, got \[\]"),
        ({"output": "softmax"}, "output: expected one of categorical, .* got 'softmax'"),
        (GAUSSIAN | {"input": "one_hot"}, "input: expected 'scalar', since output is not 'categ"),
        ({"classes": 1}, "classes: expected an integer from 2 to 65536, got 1"),
        ({"classes": 65_537}, "classes: expected an integer from 2 to 65536, got 65537"),
        (GAUSSIAN | {"classes": 256}, "classes: expected 0, got 256"),
        ({"mixtures": 1}, "mixtures: expected 0, got 1"),
        (MIXTURE | {"mixtures": 0}, "mixtures: expected an integer from 1 to 10000, got 0"),
        ({"biases": ["conv", "conv"]}, "biases: expected no name twice"),
        ({"biases": ["output"]}, "biases: expected one of input, .* got 'output'"),
        ({"biases": "conv"}, "biases: expected a list, got 'conv'"),
        ({"local_channels": -1}, "local_channels: expected an integer from 0 to 16384, got -1"),
        ({"local_channels": 0}, "upsample_factors: expected none without local_channels"),
        ({"upsample_factors": [101, 100]}, "upsample_factors: expected a product of at most 10000"),
        ({"upsample_factors": [0]}, "upsample_factors: expected an integer from 1"),
        (
            {"global_classes": 0},
            r"global_classes, global_channels: expected both 0 or both above 0",
        ),
        ({"global_channels": 0}, r"global_classes, global_channels: expected both 0 or both above"),
        ({"global_channels": -1}, "global_channels: expected an integer from 0 to 16384, got -1"),
    ],
)
def test_bad_settings(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^here: {message}") as caught:
        config(**changes)
    assert "\n" not in str(caught.value)


def test_missing_settings() -> None:
    with pytest.raises(
        ValueError, match=r"here: missing settings .*'sample_rate', 'skip_channels'"
    ):
        WavenetConfig.from_dict({}, "here")
    settings = {name: value for name, value in SETTINGS.items() if name != "dilations"}
    with pytest.raises(ValueError, match=r"here: blocks: expected an integer from 1 .* got None"):
        WavenetConfig.from_dict(settings | {"layers": 2}, "here")


def test_tuples_in_python_are_checked_too() -> None:
    for name in ("dilations", "biases", "upsample_factors"):
        with pytest.raises(ValueError, match=f"{name}: expected a tuple"):
            replace(config(), **{name: []})  # type: ignore[arg-type]


def test_read(tmp_path: Path) -> None:
    full = config()
    weights = random_weights(full, 0)
    settings = full.to_dict()
    model_directory.write(tmp_path / "m", kind="wavenet", config=settings, weights=weights, card="")
    read_config, read_weights = read(tmp_path / "m")
    assert read_config == full
    assert all(np.array_equal(read_weights[name], weights[name]) for name in full.shapes)
    wrong = settings | {"end_channels": 7}
    model_directory.write(tmp_path / "n", kind="wavenet", config=wrong, weights=weights, card="")
    with pytest.raises(ValueError, match=r"n/model\.safetensors: end\.0\.kernel: expected float32"):
        read(tmp_path / "n")


@pytest.mark.parametrize(
    "changes",
    [{}, {"input": "scalar"}, MIXTURE, GAUSSIAN, {"biases": [], "residual_channels": 64}],
)
def test_random_weights_neither_fade_nor_saturate(changes: dict[str, Any]) -> None:
    wide = {"gate_channels": 32, "skip_channels": 48, "end_channels": 40, "residual_channels": 32}
    model = config(**(wide | {"dilations": [1, 2, 4, 8] * 3} | changes))
    weights = random_weights(model, 1)
    assert {name: weight.shape for name, weight in weights.items()} == model.shapes
    assert all(weight.dtype == np.float32 for weight in weights.values())
    assert all(weight.all() for name, weight in weights.items() if name.endswith("bias"))
    again = random_weights(model, 1)
    assert all(np.array_equal(weights[name], again[name]) for name in weights)
    assert not np.array_equal(weights["end.1.kernel"], random_weights(model, 2)["end.1.kernel"])

    net = Reference(model, weights)
    frames = np.random.default_rng(0).normal(size=(20, 7))
    numbers = randomness.uniforms(0, [0], 0, 200, model.uniforms)[0]
    samples = net.generate(numbers, net.upsample(frames), 3)
    outputs = net.logits(samples, net.upsample(frames), 3)
    if model.output == "categorical":
        assert 0.7 < outputs.std() < 6
        # Every sample is open: no class has more than 99 %, and over time most classes are drawn.
        exponentials = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        most_likely = (exponentials / exponentials.sum(axis=1, keepdims=True)).max(axis=1)
        assert np.median(most_likely) < 0.99
        assert len(set(samples)) > model.classes / 2
    else:
        assert 0.01 < samples.std() < 0.7
        assert (np.abs(samples) == 1).mean() < 0.2
        assert len(set(samples)) > 100
