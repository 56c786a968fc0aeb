"""What is `native`'s and `fused`'s own: one engine in two loops, threads, and states that are bytes.

`test_wavernn_backends.py` holds both, as all rungs, against the slow reference.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest
from wavernn_models import MODELS, make, spectrogram
from wavernn_steps import Inputs, advanced, inputs

from tfopt import wavernn
from tfopt.wavernn.backends.fused import Fused
from tfopt.wavernn.backends.native import Native
from tfopt.wavernn.backends.protocol import Array, Backend
from tfopt.wavernn.samples import feedback

BATCH, TIME = 3, 60


@cache
def made(name: str, backend: str, threads: int | None = None) -> Backend:
    """A backend, made once."""
    return Fused(*make(name)) if backend == "fused" else Native(*make(name), threads, "float32")


def generate(name: str, net: Backend, temperature: float = 1.0) -> Array:
    return advanced(name, net, inputs(name, BATCH, TIME), [TIME], temperature)


@pytest.fixture(params=["native", "fused"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("name", MODELS)
def test_both_give_the_same_bits(name: str, temperature: float) -> None:
    """A step of the whole loop is the step that the graph's loop runs."""
    fused, native = (made(name, backend) for backend in ("fused", "native"))
    np.testing.assert_array_equal(
        generate(name, fused, temperature), generate(name, native, temperature)
    )


@pytest.mark.parametrize("name", MODELS)
def test_a_stream_does_not_notice_who_leaves(name: str, backend: str) -> None:
    """To the last bit; other rungs do so but for near-ties."""
    (config, _), net = make(name), made(name, backend)
    given, expected = inputs(name, BATCH, TIME), generate(name, net)
    rows, state, begin = list(range(BATCH)), net.start(BATCH), 0
    last = np.zeros([BATCH, config.fed_back], np.float32)
    for end, left in ((8, [2, 0]), (15, [1]), (TIME, [0])):
        there = Inputs(*(part[rows] for part in given))
        conditioning, numbers = there.of(config.hop_length, begin, end), there.numbers[:, begin:end]
        samples, state = net.advance(state, last, conditioning, numbers, 1.0)
        np.testing.assert_array_equal(samples, expected[rows, begin:end])
        state, last = net.select(state, left), feedback(config, samples[left, -1])
        rows, begin = [rows[i] for i in left], end
    assert rows == [0]


def test_streams_can_be_chosen_before_the_first_step(backend: str) -> None:
    (config, _), net = make("split"), made("split", backend)
    alone = Inputs(*(part[[2]] for part in inputs("split", BATCH, TIME)))
    state, last = net.select(net.start(BATCH), [2]), np.zeros([1, config.fed_back], np.float32)
    conditioning = alone.of(config.hop_length, 0, TIME)
    samples, _ = net.advance(state, last, conditioning, alone.numbers, 1.0)
    np.testing.assert_array_equal(samples, generate("split", net)[[2]])


@pytest.mark.parametrize("name", MODELS)
def test_threads_change_nothing(name: str) -> None:
    expected = generate(name, made(name, "native", 1))
    for threads in (2, 5, None):
        np.testing.assert_array_equal(generate(name, made(name, "native", threads)), expected)


def test_a_stream_shared_by_threads() -> None:
    """One large enough for two threads to share its steps."""
    changes = {"rnn_channels": 256, "fc_channels": 256}
    config = wavernn.WavernnConfig.from_dict(MODELS["plain"] | changes, "large")
    weights, mel = wavernn.random_weights(config, 1), spectrogram(config, 8)
    alone, shared = (
        wavernn.Wavernn(config, weights, "native", threads).generate(mel) for threads in (1, 2)
    )
    np.testing.assert_array_equal(shared, alone)


def test_many_callers_at_once(backend: str) -> None:
    net = made("split", backend)
    temperatures = [0.2 * i for i in range(8)]
    expected = [generate("split", net, temperature) for temperature in temperatures]
    with ThreadPoolExecutor(4) as pool:
        calls = pool.map(lambda temperature: generate("split", net, temperature), temperatures)
        for given, other in zip(calls, expected, strict=True):
            np.testing.assert_array_equal(given, other)
