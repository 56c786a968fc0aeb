"""`compute_type`: what the models on `native` give with weights of fewer bits, and which type they get."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import wavenet_models
import wavernn_models
from conftest import random_weights, tiny_config, write_model

from tfopt import g2p, model_directory, ops, vocoders, wavenet, wavernn
from tfopt.compute_types import LARGEST_AUTO_LOSS, chosen
from tfopt.quantization_settings import QuantizationSettings
from tfopt.wavenet.packing import pack as pack_wavenet

TYPES = ("bfloat16", "int16", "int8", "int8_static")
# How far outputs are from those of float32 at most, in their standard deviations; for int8_static on average,
# as the scales here, equal for all, cut off what some matrices read.
NEAR = {"bfloat16": 0.1, "int16": 0.01, "int8": 0.3, "int8_static": 0.2}
WAVENETS = ("plain", "long kernels", "mixture, frames", "gaussian, speakers", "wide")
WAVERNNS = ("plain", "split", "mixture, one of each", "wide")
LARGEST_INPUT = 8.0  # beyond which the tests' scales cut inputs off
FAR, NEAR_BY = 2 * LARGEST_AUTO_LOSS, LARGEST_AUTO_LOSS


def settings(
    losses: dict[str, float], scales: tuple[float, ...] = (), unit: str = "nats per sample"
) -> QuantizationSettings:
    return QuantizationSettings(input_scales=scales, losses=losses, unit=unit)


def calibrated(config: Any, make: Any) -> Any:
    """The config with a scale for each matrix, whose number the error about too few tells."""
    unit = "words" if isinstance(config, type(tiny_config("gru"))) else "nats per sample"
    one = replace(config, quantization=settings({}, (1.0,), unit))
    with pytest.raises(
        ValueError, match=r"^quantization: input_scales: expected one for each of \d+ matrices"
    ) as caught:
        make(one)
    matrices = int(str(caught.value).partition("each of ")[2].split()[0])
    scales = (LARGEST_INPUT / 127,) * matrices
    return replace(config, quantization=settings({}, scales, unit))


@cache
def wavenet_of(name: str, compute_type: str, threads: int | None = None) -> wavenet.Wavenet:
    config, weights = wavenet_models.make(name)

    def make(config: wavenet.WavenetConfig) -> wavenet.Wavenet:
        return wavenet.Wavenet(config, weights, "native", threads, compute_type=compute_type)

    return make(calibrated(config, make) if compute_type == "int8_static" else config)


@cache
def wavernn_of(name: str, compute_type: str, threads: int | None = None) -> wavernn.Wavernn:
    config, weights = wavernn_models.make(name)

    def make(config: wavernn.WavernnConfig) -> wavernn.Wavernn:
        return wavernn.Wavernn(config, weights, "native", threads, compute_type=compute_type)

    return make(calibrated(config, make) if compute_type == "int8_static" else config)


def g2p_of(architecture: str, compute_type: str) -> g2p.G2p:
    config = tiny_config(architecture)
    weights = random_weights(config)

    def make(config: Any) -> g2p.G2p:
        return g2p.G2p(config, weights, "native", compute_type=compute_type)

    return make(calibrated(config, make) if compute_type == "int8_static" else config)


def assert_near(compute_type: str, given: Any, expected: Any) -> None:
    errors = np.abs(given - expected)
    error = errors.mean() if compute_type == "int8_static" else errors.max()
    assert 0 < error <= NEAR[compute_type] * expected.std()


@pytest.mark.parametrize("compute_type", TYPES)
@pytest.mark.parametrize("name", WAVENETS)
def test_logits_of_a_wavenet_are_near(name: str, compute_type: str) -> None:
    net, exact = wavenet_of(name, compute_type), wavenet_of(name, "float32")
    assert (net.compute_type, exact.compute_type) == (compute_type, "float32")
    config, random = exact.config, np.random.default_rng(1)
    fed: Any = random.uniform(-1, 1, (2, 300))
    if config.output == "categorical":
        fed = random.integers(0, config.classes, (2, 300))
    given = wavenet_models.conditions(config, 2, 300)
    expected = exact.logits(fed, **given)
    assert_near(compute_type, net.logits(fed, **given), expected)


@pytest.mark.parametrize("compute_type", TYPES)
@pytest.mark.parametrize("name", WAVERNNS)
def test_logits_of_a_wavernn_are_near(name: str, compute_type: str) -> None:
    net, exact = wavernn_of(name, compute_type), wavernn_of(name, "float32")
    assert (net.compute_type, exact.compute_type) == (compute_type, "float32")
    config, random = exact.config, np.random.default_rng(1)
    fed = random.uniform(-1, 1, (2, 120, config.fed_back))
    targets = random.integers(0, config.classes, (2, 120)) if config.output == "split" else None
    mel = wavernn_models.spectrogram(config, 2, 20)
    expected = exact.logits(fed, mel, targets)
    assert_near(compute_type, net.logits(fed, mel, targets), expected)


@pytest.mark.parametrize("compute_type", TYPES)
def test_phonemes_are_mostly_the_same(architecture: str, compute_type: str) -> None:
    """Of random networks, whose decisions are closer than those of trained ones."""
    letters = np.random.default_rng(0).choice(list("abcdefg"), (300, 6))
    words = ["".join(word) for word in letters]
    net, exact = g2p_of(architecture, compute_type), g2p_of(architecture, "float32")
    assert (net.compute_type, exact.compute_type) == (compute_type, "float32")
    expected, given = exact.predict(words), net.predict(words)
    changed = sum(one != other for one, other in zip(given, expected, strict=True))
    assert changed <= {"bfloat16": 30, "int16": 6, "int8": 60, "int8_static": 100}[compute_type]
    assert [net.predict([word])[0] for word in words[:20]] == given[:20]


@pytest.mark.parametrize("compute_type", TYPES)
@pytest.mark.parametrize("name", ["plain", "mixture, frames", "wide"])
def test_samples_of_a_wavenet_depend_on_nothing_else(name: str, compute_type: str) -> None:
    """Neither on who else is in the batch, nor on threads, nor on pieces."""
    net, samples = wavenet_of(name, compute_type), 150
    config = net.config
    given: dict[str, Any] = wavenet_models.conditions(config, 3, samples)
    batch: dict[str, Any] = {"batch": 3, "samples": samples, "seed": 5}
    audio = net.generate(**batch, **given)
    np.testing.assert_array_equal(net.generate(**batch, **given), audio)
    for threads in (1, 2, 3):
        other = wavenet_of(name, compute_type, threads).generate(**batch, **given)
        np.testing.assert_array_equal(other, audio)
    for row in range(3):
        own = {key: value[row : row + 1] for key, value in given.items()}
        alone = net.generate(samples=samples, seed=5, streams=[row], **own)
        np.testing.assert_array_equal(alone[0], audio[row])
    frames = [given["conditioning"]] if config.local_channels else None
    pieces = net.stream(frames, samples=samples, chunk=37, batch=3, seed=5)
    np.testing.assert_array_equal(np.concatenate(list(pieces), axis=1), audio)


@pytest.mark.parametrize("compute_type", TYPES)
@pytest.mark.parametrize("name", ["split", "mixture, one of each", "wide"])
def test_samples_of_a_wavernn_depend_on_nothing_else(name: str, compute_type: str) -> None:
    net = wavernn_of(name, compute_type)
    mel = wavernn_models.spectrogram(net.config, 3, 15)
    audio = net.generate(mel, seed=5)
    np.testing.assert_array_equal(net.generate(mel, seed=5), audio)
    for threads in (1, 2, 3):
        other = wavernn_of(name, compute_type, threads).generate(mel, seed=5)
        np.testing.assert_array_equal(other, audio)
    for row in range(3):
        alone = net.generate(mel[row], seed=5, streams=[row])
        np.testing.assert_array_equal(alone[0], audio[row])
    different = net.generate([mel[0][:7], mel[1], mel[2]], seed=5)
    np.testing.assert_array_equal(different[1], audio[1])
    pieces = net.stream([mel[:, :4], mel[:, 4:]], chunk=37, seed=5)
    np.testing.assert_array_equal(np.concatenate(list(pieces), axis=1), audio)


def test_samples_of_a_stream_shared_by_threads() -> None:
    """Of a WaveRNN large enough for two threads to share its steps."""
    changes = {"rnn_channels": 512, "fc_channels": 512}
    config = wavernn.WavernnConfig.from_dict(wavernn_models.MODELS["plain"] | changes, "large")
    weights, mel = wavernn.random_weights(config, 1), wavernn_models.spectrogram(config, 8)
    for compute_type in ("bfloat16", "int8"):
        alone, shared = (
            wavernn.Wavernn(config, weights, "native", threads, compute_type=compute_type).generate(
                mel
            )
            for threads in (1, 2)
        )
        np.testing.assert_array_equal(shared, alone)


@pytest.fixture
def with_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    """A CPU that multiplies bfloat16."""
    monkeypatch.setattr(ops, "instruction_set", lambda: "avx512_bf16")


@pytest.mark.parametrize(
    ("losses", "scales", "expected"),
    [
        ({}, (), "float32"),
        ({"int8_static": 0.0, "int8": 0.0, "bfloat16": 0.0, "int16": 0.0}, (1.0,), "int8_static"),
        ({"int8_static": 0.0, "int8": 0.0, "bfloat16": 0.0, "int16": 0.0}, (), "int8"),
        ({"int8_static": FAR, "int8": NEAR_BY, "bfloat16": 0.0, "int16": 0.0}, (1.0,), "int8"),
        ({"int8_static": FAR, "int8": FAR, "bfloat16": -0.1, "int16": 0.0}, (1.0,), "bfloat16"),
        ({"int8_static": FAR, "int8": FAR, "bfloat16": FAR, "int16": 0.0}, (1.0,), "int16"),
        ({"int8_static": FAR, "int8": FAR, "bfloat16": FAR, "int16": FAR}, (1.0,), "float32"),
        ({"int16": 0.0}, (1.0,), "int16"),
    ],
)
@pytest.mark.usefixtures("with_bfloat16")
def test_auto(losses: dict[str, float], scales: tuple[float, ...], expected: str) -> None:
    assert chosen("auto", "native", settings(losses, scales)) == expected


def test_auto_where_bfloat16_is_widened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the two types of 16 bits the other one is the faster there: by the level that the ops use."""
    level = "neon" if ops.instruction_set() == "neon" else "baseline"
    monkeypatch.setenv("TFOPT_ISA", level)
    near = {"bfloat16": 0.0, "int16": NEAR_BY}
    assert chosen("auto", "native", settings(near)) == "int16"
    assert chosen("auto", "native", settings({**near, "int8": NEAR_BY})) == "int8"
    assert chosen("auto", "native", settings({**near, "int16": FAR})) == "bfloat16"


def test_auto_without_losses() -> None:
    assert chosen("auto", "native", None) == "float32"


@pytest.mark.parametrize("asked", ["float16", "INT8", "", None, 8, ["int8"]])
def test_there_is_no_such_type(asked: Any) -> None:
    config, weights = wavenet_models.make("width 1")
    message = "compute_type: expected one of float32, bfloat16, int16, int8, int8_static, auto, got"
    with pytest.raises(ValueError, match=message):
        wavenet.Wavenet(config, weights, "native", compute_type=asked)


@pytest.mark.parametrize("backend", [name for name in wavenet.BACKENDS if name != "native"])
@pytest.mark.parametrize("asked", ["bfloat16", "int8_static", "auto"])
def test_other_backends_have_float32_alone(tmp_path: Path, backend: str, asked: str) -> None:
    write_model(tmp_path / "g2p", tiny_config("gru"), random_weights(tiny_config("gru")))
    wavenet_models.write(tmp_path / "wavenet", "mixture, frames")
    wavernn_models.write(tmp_path / "wavernn", "plain")
    message = f"compute_type: expected 'float32' on the backend '{backend}', .*, got '{asked}'"
    loads: list[Any] = [
        lambda **how: g2p.load(tmp_path / "g2p", **how),
        lambda **how: wavenet.load(tmp_path / "wavenet", **how),
        lambda **how: wavernn.load(tmp_path / "wavernn", **how),
        lambda **how: vocoders.load(tmp_path / "wavenet", **how),
        lambda **how: vocoders.load(tmp_path / "wavernn", **how),
    ]
    for load in loads:
        with pytest.raises(ValueError, match=message):
            load(backend=backend, compute_type=asked)


def test_a_ready_backend_has_float32_alone() -> None:
    config, weights = wavenet_models.make("width 1")
    ready = wavenet_models.load("width 1", "native")._backend
    assert wavenet.Wavenet(config, weights, ready).compute_type == "float32"
    with pytest.raises(ValueError, match="compute_type: expected 'float32' on the backend"):
        wavenet.Wavenet(config, weights, ready, compute_type="int8")


def test_no_scales_for_int8_static(architecture: str) -> None:
    config = tiny_config(architecture, quantization=settings({"int8": 0.0}, unit="words"))
    with pytest.raises(ValueError, match=r"compute_type: expected a model with .*`tfopt quantize`"):
        g2p.G2p(config, random_weights(config), "native", compute_type="int8_static")


def write_with(directory: Path, models: Any, quantization: QuantizationSettings) -> Path:
    config, weights = models.make("plain" if models is wavernn_models else "mixture, frames")
    model_directory.write(
        directory,
        kind="wavernn" if models is wavernn_models else "wavenet",
        config=replace(config, quantization=quantization).to_dict(),
        weights=weights,
        card="",
    )
    return directory


@pytest.mark.usefixtures("with_bfloat16")
@pytest.mark.parametrize("models", [wavenet_models, wavernn_models])
def test_a_loaded_model_says_what_auto_chose(models: Any, tmp_path: Path) -> None:
    stored = settings({"int8": FAR, "bfloat16": 0.001, "int16": 0.0})
    directory = write_with(tmp_path / "model", models, stored)
    load: Any = wavernn.load if models is wavernn_models else wavenet.load
    net = load(directory, compute_type="auto")
    assert net.compute_type == "bfloat16"
    vocoder = vocoders.load(directory, compute_type="auto")
    assert vocoder.compute_type == "bfloat16"
    mel = np.random.default_rng(0).normal(size=(60, vocoder.bands)).astype(np.float32)
    audio = np.concatenate(list(vocoder.pieces(mel)))
    np.testing.assert_array_equal(audio, net.generate(mel)[0])
    assert (audio != load(directory).generate(mel)[0]).any()


def test_a_g2p_model_says_what_auto_chose(tmp_path: Path) -> None:
    config = tiny_config("gru", quantization=settings({"int8": 0.0}, unit="words"))
    directory = write_model(tmp_path / "model", config, random_weights(config))
    assert g2p.load(directory, compute_type="auto").compute_type == "int8"
    assert g2p.load(directory).compute_type == "float32"


@pytest.mark.parametrize("compute_type", ["float32", *TYPES[:3]])
def test_blocks_of_zeros_are_left_out_of_a_packed_model(compute_type: str) -> None:
    """But for int16, which has none; in float32 the model computes what it does with its zeros on `graph`."""
    config, weights = wavenet_models.make("wide")
    pruned = {name: tensor.copy() for name, tensor in weights.items()}
    for name, tensor in pruned.items():
        if name.startswith("layers") and name.endswith("kernel"):
            tensor[..., 8:, :] = 0
    sizes = [pack_wavenet(config, one, compute_type).shape[0] for one in (weights, pruned)]
    assert (sizes[1] < sizes[0]) == (compute_type != "int16")
    if compute_type == "float32":
        given = wavenet_models.conditions(config, 2, 50)
        fed = np.random.default_rng(1).integers(0, config.classes, (2, 50))
        expected = wavenet.Wavenet(config, pruned, "graph").logits(fed, **given)
        logits = wavenet.Wavenet(config, pruned, "native").logits(fed, **given)
        np.testing.assert_allclose(logits, expected, atol=1e-4 * np.abs(expected).max())
