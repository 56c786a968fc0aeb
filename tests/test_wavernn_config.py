"""The WaveRNN config: what follows from it, what it refuses; random weights that fit it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfopt import model_directory, randomness
from tfopt.wavernn.config import WavernnConfig, read
from tfopt.wavernn.presets import PRESETS
from tfopt.wavernn.random_weights import random_weights
from tfopt.wavernn.reference import Reference
from tfopt.wavernn.samples import feedback

SETTINGS: dict[str, Any] = {
    "sample_rate": 16_000,
    "mel_channels": 3,
    "upsample_factors": [2, 5],
    "pad": 2,
    "resnet_channels": 7,
    "resnet_blocks": 1,
    "aux_channels": 4,
    "rnn_channels": 5,
    "rnn_layers": 2,
    "fc_channels": 6,
    "fc_layers": 2,
    "output": "categorical",
    "bits": 9,
    "mu_law": True,
    "mixtures": 0,
}
SPLIT = {"output": "split", "bits": 16}
MIXTURE = {"output": "logistic_mixture", "bits": 0, "mu_law": False, "mixtures": 10}


def config(**changes: Any) -> WavernnConfig:
    return WavernnConfig.from_dict(SETTINGS | changes, "here")


def test_what_follows() -> None:
    full = config()
    assert (full.hop_length, full.aux_parts, full.classes) == (10, 4, 512)
    assert (full.outputs, full.uniforms, full.fed_back) == (512, 1, 1)
    assert (full.coarse_bits, full.fine_bits) == (9, 0)
    split = config(**SPLIT)
    assert (split.outputs, split.uniforms, split.fed_back) == (512, 2, 2)
    assert (split.classes, split.coarse_bits, split.fine_bits) == (65_536, 8, 8)
    odd = config(**SPLIT | {"bits": 9})
    assert (odd.classes, odd.coarse_bits, odd.fine_bits, odd.outputs) == (512, 5, 4, 32 + 16)
    mixture = config(**MIXTURE)
    assert (mixture.outputs, mixture.uniforms, mixture.fed_back) == (30, 2, 1)
    assert (mixture.classes, mixture.coarse_bits, mixture.fine_bits) == (0, 0, 0)
    for rnn_layers, fc_layers in ((1, 1), (1, 2), (2, 1)):
        parts = config(rnn_layers=rnn_layers, fc_layers=fc_layers).aux_parts
        assert parts == 1 + (rnn_layers - 1) + fc_layers


def test_shapes() -> None:
    assert config().shapes == {
        "upsample.0.kernel": (5,),
        "upsample.1.kernel": (11,),
        "resnet.input.kernel": (5, 3, 7),
        "resnet.input.bias": (7,),
        "resnet.blocks.0.0.kernel": (7, 7),
        "resnet.blocks.0.0.bias": (7,),
        "resnet.blocks.0.1.kernel": (7, 7),
        "resnet.blocks.0.1.bias": (7,),
        "resnet.output.kernel": (7, 16),
        "resnet.output.bias": (16,),
        "input.kernel": (1 + 3 + 4, 5),
        "input.bias": (5,),
        "rnn.0.kernel": (5, 15),
        "rnn.0.bias": (15,),
        "rnn.0.recurrent": (5, 15),
        "rnn.0.recurrent_bias": (15,),
        "rnn.1.kernel": (5 + 4, 15),
        "rnn.1.bias": (15,),
        "rnn.1.recurrent": (5, 15),
        "rnn.1.recurrent_bias": (15,),
        "fc.0.kernel": (5 + 4, 6),
        "fc.0.bias": (6,),
        "fc.1.kernel": (6 + 4, 6),
        "fc.1.bias": (6,),
        "output.kernel": (6, 512),
        "output.bias": (512,),
    }


def test_shapes_of_other_models() -> None:
    least = config(resnet_blocks=0, rnn_layers=1, fc_layers=1, pad=0).shapes
    assert least["resnet.input.kernel"] == (1, 3, 7)
    assert least["resnet.output.kernel"] == (7, 8)
    assert not [name for name in least if name.startswith(("resnet.blocks", "rnn.1", "fc.1"))]
    split = config(**SPLIT | {"bits": 9}).shapes
    assert split["input.kernel"] == (2 + 3 + 4, 5)
    assert split["output.kernel"] == (6, 32)
    assert (split["fine.kernel"], split["fine.bias"]) == ((7, 6), (6,))
    assert (split["fine.output.kernel"], split["fine.output.bias"]) == ((6, 16), (16,))
    assert config(**MIXTURE).shapes["output.kernel"] == (6, 30)


def test_there_and_back() -> None:
    full = config()
    assert json.loads(json.dumps(full.to_dict())) == SETTINGS
    assert WavernnConfig.from_dict(full.to_dict(), "here") == full
    usual = ("rnn_layers", "fc_layers", "mu_law", "mixtures")
    short = {name: value for name, value in SETTINGS.items() if name not in usual}
    assert WavernnConfig.from_dict(short, "here") == config(mu_law=False)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": 1}, r"missing settings \[\], settings not known \['colour'\]"),
        ({"sample_rate": 0}, "sample_rate: expected an integer from 1 to 1000000, got 0"),
        ({"mel_channels": 0}, "mel_channels: expected an integer from 1 to 10000, got 0"),
        ({"upsample_factors": []}, r"upsample_factors: expected at least one, got \(\)"),
        ({"upsample_factors": [0]}, "upsample_factors: expected an integer from 1"),
        ({"upsample_factors": [101, 100]}, "upsample_factors: expected a product of at most 10000"),
        ({"upsample_factors": 275}, "upsample_factors: expected a list, got 275"),
        ({"pad": -1}, "pad: expected an integer from 0 to 100, got -1"),
        ({"resnet_channels": 10_001}, "resnet_channels: expected .* got 10001"),
        ({"resnet_blocks": 1001}, "resnet_blocks: expected an integer from 0 to 1000, got 1001"),
        ({"aux_channels": 2.0}, r"aux_channels: expected .* got 2\.0"),
        ({"rnn_channels": True}, "rnn_channels: expected .* got True"),
        ({"rnn_layers": 3}, "rnn_layers: expected an integer from 1 to 2, got 3"),
        ({"fc_channels": None}, "fc_channels: expected .* got None"),
        ({"fc_layers": 0}, "fc_layers: expected an integer from 1 to 2, got 0"),
        ({"output": "gaussian"}, "output: expected one of categorical, split, logistic_mixture"),
        ({"bits": 0}, "bits: expected an integer from 1 to 16, got 0"),
        ({"bits": 17}, "bits: expected an integer from 1 to 16, got 17"),
        (SPLIT | {"bits": 7}, "bits: expected an integer from 8 to 16, got 7"),
        (MIXTURE | {"bits": 9}, "bits: expected 0, got 9"),
        (MIXTURE | {"mu_law": True}, "mu_law: expected false with a mixture, got True"),
        (MIXTURE | {"mixtures": 0}, "mixtures: expected an integer from 1 to 10000, got 0"),
        ({"mixtures": 10}, "mixtures: expected 0, got 10"),
        ({"mu_law": 1}, "mu_law: expected true or false, got 1"),
    ],
)
def test_bad_settings(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^here: {message}") as caught:
        config(**changes)
    assert "\n" not in str(caught.value)


def test_missing_settings() -> None:
    with pytest.raises(ValueError, match=r"here: missing settings \['aux_channels', .*'upsample"):
        WavernnConfig.from_dict({}, "here")


def test_tuples_in_python_are_checked_too() -> None:
    with pytest.raises(ValueError, match="upsample_factors: expected a tuple"):
        replace(config(), upsample_factors=[2, 5])  # type: ignore[arg-type]


def test_read(tmp_path: Path) -> None:
    full = config()
    weights = random_weights(full, 0)
    settings = full.to_dict()
    model_directory.write(tmp_path / "m", kind="wavernn", config=settings, weights=weights, card="")
    read_config, read_weights = read(tmp_path / "m")
    assert read_config == full
    assert all(np.array_equal(read_weights[name], weights[name]) for name in full.shapes)
    wrong = settings | {"fc_channels": 7}
    model_directory.write(tmp_path / "n", kind="wavernn", config=wrong, weights=weights, card="")
    with pytest.raises(ValueError, match=r"n/model\.safetensors: fc\.0\.kernel: expected float32"):
        read(tmp_path / "n")
    model_directory.write(tmp_path / "o", kind="wavenet", config=settings, weights=weights, card="")
    with pytest.raises(ValueError, match="kind: expected 'wavernn', got 'wavenet'"):
        read(tmp_path / "o")


def test_presets() -> None:
    """The default is fatchord/WaveRNN's: what a step reads is 16 MB, counted by hand."""
    for name, width in (("default", 512), ("small", 128)):
        preset = PRESETS[name]
        assert preset.hop_length == 275
        gates = 3 * width
        weights = (1 + 80 + 32) * width + (2 * width + 2 * width + 32) * gates
        weights += 2 * (width + 32) * width + width * 512
        names = ("input.kernel", "rnn", "fc", "output.kernel")
        kernels = {n: s for n, s in preset.shapes.items() if n.startswith(names) and len(s) == 2}
        assert sum(int(np.prod(shape)) for shape in kernels.values()) == weights
        assert 4 * weights / 1e6 == pytest.approx({512: 16.3, 128: 1.32}[width], rel=0.01)


@pytest.mark.parametrize(
    "changes",
    [{}, SPLIT, MIXTURE, {"rnn_layers": 1, "fc_layers": 1}, {"resnet_blocks": 10}],
)
def test_random_weights_neither_fade_nor_saturate(changes: dict[str, Any]) -> None:
    wide = {"rnn_channels": 64, "fc_channels": 48, "resnet_channels": 32, "aux_channels": 16}
    model = config(**(wide | {"mel_channels": 20} | changes))
    weights = random_weights(model, 1)
    assert {name: weight.shape for name, weight in weights.items()} == model.shapes
    assert all(weight.dtype == np.float32 for weight in weights.values())
    assert all(weight.all() for name, weight in weights.items() if name.endswith("bias"))
    again = random_weights(model, 1)
    assert all(np.array_equal(weights[name], again[name]) for name in weights)
    assert not np.array_equal(weights["output.kernel"], random_weights(model, 2)["output.kernel"])

    net = Reference(model, weights)
    mel = np.random.default_rng(0).normal(size=(20, 20))
    bands, aux = net.upsample(mel)
    assert 0.3 < bands.std() < 1.5
    assert 0.5 < aux.std() < 2
    numbers = randomness.uniforms(0, [0], 0, 200, model.uniforms)[0]
    samples = net.generate(numbers, mel)
    fed = np.concatenate([np.zeros((1, model.fed_back)), feedback(model, samples[:-1])])
    stream = net.start()
    for sample, row in zip(fed.astype(np.float32), net.rows(mel, 200), strict=True):
        stream.step(sample, row)
    assert all(0.2 < state.std() < 0.9 for state in stream.states)
    outputs = net.logits(fed, mel, samples if model.output == "split" else None)
    if not model.classes:
        assert 0.01 < samples.std() < 0.7
        assert (np.abs(samples) == 1).mean() < 0.2
        return
    for logits in np.split(outputs, [1 << model.coarse_bits], axis=1):
        if logits.size:
            assert 0.7 < logits.std() < 6
            # Every sample is open: no class has more than 99 %.
            exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
            most_likely = (exponentials / exponentials.sum(axis=1, keepdims=True)).max(axis=1)
            assert np.median(most_likely) < 0.99
    assert len(set(samples)) > 50
