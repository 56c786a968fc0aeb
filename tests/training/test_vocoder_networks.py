"""The networks that are trained compute what those that generate do, whatever is fed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from tfopt import model_directory, wavenet, wavernn
from tfopt.model_directory import Weights
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.samples import feedback
from training.quantization import ROUNDINGS
from training.vocoders.gru import gru
from training.vocoders.tensors import TensorModel
from training.vocoders.wavenet import Wavenet, context_frames
from training.vocoders.wavernn import Wavernn

# NumPy 2.4's word to TensorFlow and PyTorch.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

HOP, BANDS, CLASSES = 6, 5, 16


def wavenet_config(**settings: Any) -> WavenetConfig:
    given: dict[str, Any] = {
        "sample_rate": 16_000,
        "residual_channels": 4,
        "gate_channels": 6,
        "skip_channels": 8,
        "end_channels": 10,
        "dilations": (1, 2, 4, 1, 2),
        "input": "one_hot",
        "output": "categorical",
        "classes": CLASSES,
        "biases": ("input", "conv", "residual", "skip", "end"),
        "local_channels": BANDS,
        "upsample_factors": (HOP,),
    }
    return WavenetConfig(**{**given, **settings})


def wavernn_config(**settings: Any) -> WavernnConfig:
    given: dict[str, Any] = {
        "sample_rate": 16_000,
        "mel_channels": BANDS,
        "upsample_factors": (HOP,),
        "pad": 2,
        "resnet_channels": 7,
        "resnet_blocks": 2,
        "aux_channels": 3,
        "rnn_channels": 8,
        "rnn_layers": 1,
        "fc_channels": 9,
        "fc_layers": 2,
        "output": "categorical",
        "bits": 4,
        "mu_law": True,
    }
    return WavernnConfig(**{**given, **settings})


def exported(
    directory: Path, kind: str, model: TensorModel, config: Any, compute_type: str = "float32"
) -> Any:
    """The model as tfopt loads it. All its biases are non-zero: they begin as zeros."""
    random = np.random.default_rng(5)
    for variable in model.variables:
        given = ops.convert_to_numpy(ops.convert_to_tensor(variable))
        variable.assign(given + random.normal(0, 0.1, given.shape))
    model_directory.write(
        directory, kind=kind, config=config.to_dict(), weights=model.get_tensors(), card="# Test\n"
    )
    package: Any = {"wavenet": wavenet, "wavernn": wavernn}[kind]
    return package.load(directory, compute_type=compute_type)


@pytest.mark.parametrize("biases", [("input", "conv", "residual", "skip", "end"), ()])
def test_wavenet_exported_says_the_same(tmp_path: Path, biases: tuple[str, ...]) -> None:
    config = wavenet_config(biases=biases)
    model = Wavenet(config, 3, "float32")
    net = exported(tmp_path / "model", "wavenet", model, config)
    random = np.random.default_rng(1)
    frames, context = 7, context_frames(config)
    fed = random.integers(0, CLASSES, [2, frames * HOP]).astype(np.int32)
    mel = random.normal(size=[2, frames, BANDS]).astype(np.float32)
    given = {"fed": fed, "mel": np.pad(mel, [(0, 0), (1, 1), (0, 0)])}
    logits = ops.convert_to_numpy(model(given))
    wanted = net.logits(fed, mel)[:, context * HOP :]
    assert logits.shape == wanted.shape == (2, (frames - context) * HOP, CLASSES)
    np.testing.assert_allclose(logits, wanted, atol=2e-5)


@pytest.mark.parametrize("settings", [{}, {"pad": 1, "fc_layers": 1, "resnet_blocks": 0}])
def test_wavernn_exported_says_the_same(tmp_path: Path, settings: dict[str, Any]) -> None:
    config = wavernn_config(**settings)
    model = Wavernn(config, 3, "float32")
    net = exported(tmp_path / "model", "wavernn", model, config)
    random = np.random.default_rng(1)
    fed = random.uniform(-1, 1, [2, 5 * HOP]).astype(np.float32)
    mel = random.normal(size=[2, 5, BANDS]).astype(np.float32)
    margin = (config.pad, config.pad)
    given = {"fed": fed, "mel": np.pad(mel, [(0, 0), margin, (0, 0)])}
    logits = ops.convert_to_numpy(model(given))
    np.testing.assert_allclose(logits, net.logits(fed, mel), atol=2e-5)


@pytest.mark.parametrize(
    "settings", [{"input": "scalar"}, {"kernel_size": 3}, {"upsample_factors": (2, 3)}]
)
def test_wavenets_of_other_kinds_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="config: expected input 'one_hot'"):
        Wavenet(wavenet_config(**settings), 0, "float32")


@pytest.mark.parametrize(
    "settings", [{"rnn_layers": 2}, {"pad": 0}, {"output": "split", "bits": 8}]
)
def test_wavernns_of_other_kinds_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="config: expected output 'categorical'"):
        Wavernn(wavernn_config(**settings), 0, "float32")


@pytest.mark.parametrize("kind", ["wavenet", "wavernn"])
def test_rounded_networks_say_what_int8_says(tmp_path: Path, kind: str) -> None:
    """To the last bits of float32, while the exact network is far from it."""
    rounding = ROUNDINGS["int8"]
    config: Any
    if kind == "wavenet":
        config = wavenet_config()
        exact, model = (Wavenet(config, 3, "float32", r) for r in (ROUNDINGS["none"], rounding))
        margin, context = 1, context_frames(config) * HOP
        fed: Any = np.random.default_rng(1).integers(0, CLASSES, [2, 7 * HOP]).astype(np.int32)
        read = fed
    else:
        config = wavernn_config()
        exact, model = (Wavernn(config, 3, "float32", r) for r in (ROUNDINGS["none"], rounding))
        margin, context = config.pad, 0
        fed = np.random.default_rng(1).integers(0, CLASSES, [2, 7 * HOP]).astype(np.int32)
        read = feedback(config, fed)[..., 0]
    # Equal frames: between them nothing is upsampled that would be rounded otherwise than they are.
    mel = np.repeat(np.random.default_rng(2).normal(size=[2, 1, BANDS]), 7, 1).astype(np.float32)
    net = exported(tmp_path / "model", kind, exact, config, "int8")
    model.set_tensors(exact.get_tensors())
    given = {"fed": read, "mel": np.pad(mel, [(0, 0), (margin, margin), (0, 0)])}
    wanted = net.logits(read, mel)[:, context:]
    far, near = (
        float(np.square(ops.convert_to_numpy(m(given)) - wanted).mean()) for m in (exact, model)
    )
    assert near < 1e-6 * far, (near, far)


class Summed(TensorModel):
    """A GRU alone; its states, weighted and summed."""

    def __init__(self, weights: Weights, wanted: Weights) -> None:
        super().__init__(weights, "float32")
        self._wanted = wanted

    def call(self, _: Any) -> Any:
        gates, recurrent, bias = (self.tensor(name) for name in ("gates", "recurrent", "bias"))
        states = gru(ops.copy(gates), recurrent, bias, lambda state: state)
        return ops.sum(ops.multiply(states, self._wanted["states"]))[None]

    def set(self, weights: Weights) -> None:
        for variable, value in zip(self.variables, weights.values(), strict=True):
            variable.assign(value)


def test_gradients_of_the_gru_are_those_of_differences() -> None:
    """Central differences, along a random direction in each argument."""
    random = np.random.default_rng(2)
    hidden, batch, time = 3, 2, 5
    shapes = {
        "gates": (batch, time, 3 * hidden),
        "recurrent": (hidden, 3 * hidden),
        "bias": (3 * hidden,),
        "states": (batch, time, hidden),
    }
    drawn = {name: random.normal(size=s).astype(np.float32) for name, s in shapes.items()}
    wanted = {"states": drawn.pop("states")}
    model, nothing = Summed(drawn, wanted), np.zeros(1, np.float32)
    model.compile(
        optimizer=keras.optimizers.SGD(1.0),
        loss=lambda _, y: ops.sum(y),
        jit_compile=keras.backend.backend() == "jax",
    )
    model.train_on_batch(nothing, nothing)
    trained = model.get_tensors()
    for name, tensor in drawn.items():
        direction = random.normal(size=tensor.shape).astype(np.float32)
        sums = []
        for distance in (0.01, -0.01):
            model.set({**drawn, name: tensor + np.float32(distance) * direction})
            sums.append(float(ops.convert_to_numpy(model(nothing))[0]))
        slope = (sums[0] - sums[1]) / 0.02
        gradient = ((tensor - trained[name]) * direction).sum()
        assert gradient == pytest.approx(slope, rel=1e-2)
