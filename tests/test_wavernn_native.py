"""The rungs of WaveRNN that run on custom ops, `native` and `fused`, against the slow reference."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
import pytest

from tfopt.model_directory import Weights
from tfopt.wavernn.backends.fused import Fused
from tfopt.wavernn.backends.native import Native
from tfopt.wavernn.backends.protocol import Array, Backend, Conditioning
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.random_weights import random_weights
from tfopt.wavernn.reference import NEAR_TIE, Reference
from tfopt.wavernn.samples import feedback

_SMALL: dict[str, Any] = {
    "sample_rate": 8000,
    "mel_channels": 4,
    "upsample_factors": [2, 3],
    "pad": 1,
    "resnet_channels": 6,
    "resnet_blocks": 1,
    "aux_channels": 3,
    "rnn_channels": 9,
    "fc_channels": 7,
    "output": "categorical",
    "bits": 5,
}
_SPLIT: dict[str, Any] = {"output": "split", "bits": 9}
_MIXTURE: dict[str, Any] = {"output": "logistic_mixture", "bits": 0, "mixtures": 2}
_SHORT = {"rnn_layers": 1, "fc_layers": 1}
_MODELS: dict[str, dict[str, Any]] = {
    "categorical": {},
    "split": _SPLIT,
    "mixture": _MIXTURE,
    "one GRU": {"rnn_layers": 1, "rnn_channels": 16, "mu_law": True},
    "one fc": _SPLIT | {"fc_layers": 1, "bits": 8, "fc_channels": 17},
    "one of each": _MIXTURE | _SHORT | {"upsample_factors": [1], "aux_channels": 1},
}
CONFIGS = {
    name: WavernnConfig.from_dict(_SMALL | changes, name) for name, changes in _MODELS.items()
}
BACKENDS = ("native", "fused")
BATCH, TIME = 3, 60


@cache
def weights_of(name: str) -> Weights:
    return random_weights(CONFIGS[name], len(name))


@cache
def load(name: str, backend: str, threads: int | None = None) -> Backend:
    if backend == "fused":
        return Fused(CONFIGS[name], weights_of(name))
    return Native(CONFIGS[name], weights_of(name), threads)


def mels_of(config: WavernnConfig) -> Array:
    frames = -(-TIME // config.hop_length)
    shape = BATCH, frames, config.mel_channels
    return np.random.default_rng(5).normal(size=shape).astype(np.float32)


@cache
def conditioning_of(name: str) -> Conditioning:
    """Of TIME steps from the beginning."""
    config, slow = CONFIGS[name], Reference(CONFIGS[name], weights_of(name))
    pairs = [slow.upsample(mel) for mel in mels_of(config)]
    mels = np.stack([mels for mels, _ in pairs])[:, :TIME]
    aux = np.stack([aux for _, aux in pairs])
    return Conditioning(mels, aux.reshape(*aux.shape[:2], -1), 0)


def steps_of(config: WavernnConfig, whole: Conditioning, begin: int, end: int) -> Conditioning:
    hop = config.hop_length
    frames = whole.aux[:, begin // hop : -(-end // hop)]
    return Conditioning(whole.mels[:, begin:end], frames, begin % hop)


def rows_of(whole: Conditioning, rows: list[int]) -> Conditioning:
    return Conditioning(whole.mels[rows], whole.aux[rows], whole.offset)


def uniforms_of(config: WavernnConfig) -> Array:
    return np.random.default_rng(6).random((BATCH, TIME, config.uniforms), np.float32)


def silence(config: WavernnConfig, batch: int = BATCH) -> Array:
    return np.zeros([batch, config.fed_back], np.float32)


def generate(net: Backend, name: str, temperature: float = 1.0) -> Array:
    config = CONFIGS[name]
    state, last = net.start(BATCH), silence(config)
    samples, _ = net.advance(state, last, conditioning_of(name), uniforms_of(config), temperature)
    return samples


def given_samples(config: WavernnConfig) -> Any:
    random = np.random.default_rng(7)
    if config.classes:
        return random.integers(0, config.classes, (BATCH, TIME)).astype(np.int32)
    return random.uniform(-1, 1, (BATCH, TIME)).astype(np.float32)


@pytest.fixture(params=CONFIGS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_logits(name: str, backend: str) -> None:
    """Also in calls that begin and end anywhere in a frame."""
    config, net = CONFIGS[name], load(name, backend)
    slow, whole = Reference(config, weights_of(name)), conditioning_of(name)
    fed = feedback(config, given_samples(config))
    targets = given_samples(config)[:, ::-1] if config.output == "split" else None
    found, state = [], net.start(BATCH)
    for begin, end in ((0, 1), (1, 20), (20, 35), (35, TIME)):
        part = None if targets is None else targets[:, begin:end]
        conditioning = steps_of(config, whole, begin, end)
        logits, state = net.logits(state, fed[:, begin:end], part, conditioning)
        found.append(logits)
    for row, mel in enumerate(mels_of(config)):
        expected = slow.logits(fed[row], mel, None if targets is None else targets[row])
        np.testing.assert_allclose(
            np.concatenate(found, 1)[row], expected, rtol=0, atol=1e-4 * np.abs(expected).max()
        )


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_samples(name: str, backend: str, temperature: float) -> None:
    config, samples = CONFIGS[name], generate(load(name, backend), name, temperature)
    judge = Reference(config, weights_of(name), np.float64)
    for row, (mel, numbers) in enumerate(zip(mels_of(config), uniforms_of(config), strict=True)):
        found = judge.differences(samples[row], numbers, mel, temperature)
        assert found.max() < NEAR_TIE, (row, found.max(), samples[row, :5])
        if config.classes and temperature == 0:
            np.testing.assert_array_equal(samples[row], judge.generate(numbers, mel, 0.0))


def test_both_give_the_same_bits(name: str) -> None:
    """A step of the whole loop is the step that the graph's loop runs."""
    np.testing.assert_array_equal(
        generate(load(name, "fused"), name), generate(load(name, "native"), name)
    )


def test_chunks_change_nothing(name: str, backend: str) -> None:
    config, net = CONFIGS[name], load(name, backend)
    whole, uniforms, expected = conditioning_of(name), uniforms_of(config), generate(net, name)
    state, last, begin = net.start(BATCH), silence(config), 0
    for end in (1, 2, 9, 23, 24, TIME):
        conditioning = steps_of(config, whole, begin, end)
        samples, state = net.advance(state, last, conditioning, uniforms[:, begin:end], 1.0)
        np.testing.assert_array_equal(samples, expected[:, begin:end])
        last, begin = feedback(config, samples[:, -1]), end


def test_streams_can_be_dropped(name: str, backend: str) -> None:
    """Each stream goes on as it would have in any other company."""
    config, net = CONFIGS[name], load(name, backend)
    whole, uniforms, expected = conditioning_of(name), uniforms_of(config), generate(net, name)
    rows, state, last, begin = list(range(BATCH)), net.start(BATCH), silence(config), 0
    for end, left in ((8, [2, 0]), (15, [1]), (TIME, [0])):
        conditioning = rows_of(steps_of(config, whole, begin, end), rows)
        numbers = uniforms[rows, begin:end]
        samples, state = net.advance(state, last, conditioning, numbers, 1.0)
        np.testing.assert_array_equal(samples, expected[rows, begin:end])
        state, last = net.select(state, left), feedback(config, samples[left, -1])
        rows, begin = [rows[i] for i in left], end
    assert rows == [0]


def test_streams_can_be_chosen_before_the_first_step(backend: str) -> None:
    config, net = CONFIGS["split"], load("split", backend)
    whole, uniforms = conditioning_of("split"), uniforms_of(config)
    state = net.select(net.start(BATCH), [2])
    samples, _ = net.advance(state, silence(config, 1), rows_of(whole, [2]), uniforms[[2]], 1.0)
    np.testing.assert_array_equal(samples, generate(net, "split")[[2]])


def test_threads_change_nothing(name: str) -> None:
    expected = generate(load(name, "native", 1), name)
    for threads in (2, 5, None):
        np.testing.assert_array_equal(generate(load(name, "native", threads), name), expected)


def test_a_stream_shared_by_threads() -> None:
    """One large enough for two threads to share its steps."""
    changes = {"rnn_channels": 256, "fc_channels": 256}
    config = WavernnConfig.from_dict(_SMALL | changes, "large")
    weights, random = random_weights(config, 1), np.random.default_rng(8)
    mels = random.normal(size=(1, 40, config.mel_channels)).astype(np.float32)
    aux = random.normal(size=(1, 7, config.aux_parts * config.aux_channels)).astype(np.float32)
    uniforms = random.random((1, 40, 1), np.float32)
    found = []
    for threads in (1, 2):
        net = Native(config, weights, threads)
        start = net.start(1), silence(config, 1)
        found.append(net.advance(*start, Conditioning(mels, aux, 2), uniforms, 1.0)[0])
    np.testing.assert_array_equal(found[0], found[1])


def test_many_callers_at_once(backend: str) -> None:
    net = load("split", backend)
    temperatures = [0.2 * i for i in range(8)]
    expected = [generate(net, "split", temperature) for temperature in temperatures]
    with ThreadPoolExecutor(4) as pool:
        calls = pool.map(lambda temperature: generate(net, "split", temperature), temperatures)
        for given, other in zip(calls, expected, strict=True):
            np.testing.assert_array_equal(given, other)
