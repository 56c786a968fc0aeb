"""The ops run from many threads at once, with the results of serial calls, and after a fork too.

Needs TensorFlow, NumPy and pytest alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pytest
import tensorflow as tf
from ops_checks import pack_g2p, pack_wavenet, pack_wavernn
from ops_mel_resnet import MEL_RESNETS
from ops_models import G2PS, WAVENETS, normal
from ops_wavernn import WAVERNNS

from tfopt import ops

CALLERS, CALLS = 8, 12
HERE = Path(__file__).parent


def gated_activation(seed: int) -> Any:
    random = np.random.default_rng(seed)
    return ops.gated_activation(normal(random, 50, 66), normal(random, 50, 66))


def gru_cell(seed: int) -> Any:
    random = np.random.default_rng(seed)
    gates, candidate = (ops.pack_matrix(normal(random, 33, width)) for width in (66, 33))
    inputs, state, bias = (normal(random, *shape) for shape in [(9, 99), (9, 33), (33,)])
    return ops.gru_cell(gates, candidate, inputs, state, bias, reset_after=seed % 2 == 0)


def wavenet(seed: int) -> Any:
    """Calls that share a packed model and a state, and others that do not."""
    model = WAVENETS["one_hot" if seed % 2 else "mixture"]
    packed = pack_wavenet(model)
    inputs = model.inputs(3, 40, seed=seed)
    threads = 1 + seed % 3
    state = np.zeros((3, 0), np.uint8)
    samples, state = ops.wavenet_generate(packed, state, **inputs, threads=threads)
    more, state = ops.wavenet_generate(packed, state, **inputs, threads=threads)
    conditioning, speaker = inputs["conditioning"], inputs["speaker"]
    logits, _ = ops.wavenet_logits(packed, state, samples, conditioning, speaker, threads=threads)
    step, _ = ops.wavenet_step(packed, state, samples[:, 0], conditioning[:, 0], speaker)
    return samples, more, state, logits, step


def wavernn(seed: int) -> Any:
    """As `wavenet`."""
    model = WAVERNNS["split" if seed % 2 else "mixture"]
    packed = pack_wavernn(model)
    inputs = model.inputs(3, 40, seed=seed)
    threads = 1 + seed % 3
    state = np.zeros((3, 0), np.uint8)
    samples, state = ops.wavernn_generate(packed, state, **inputs, threads=threads)
    more, state = ops.wavernn_generate(packed, state, **inputs, threads=threads)
    fed, targets = model.feedback(samples), model.targets(samples)
    conditions = {name: inputs[name] for name in ("mels", "aux", "offset", "hop_length")}
    logits, _ = ops.wavernn_logits(packed, state, fed, targets, **conditions, threads=threads)
    rows = inputs["mels"][:, 0], inputs["aux"][:, 0], inputs["uniforms"][:, 0]
    step = ops.wavernn_step(packed, state, inputs["last"], *rows, inputs["temperature"])
    return samples, more, state, logits, step


def mel_resnet(seed: int) -> Any:
    model = MEL_RESNETS["wide" if seed % 2 else "plain"]
    packed = ops.mel_resnet_pack(model.weights(), config=model.config)
    return ops.mel_resnet(packed, model.frames(3, 20 + seed, seed))


def g2p(seed: int) -> Any:
    model = G2PS["gru" if seed % 2 else "attention_gru"]
    packed = pack_g2p(model)
    return ops.g2p_decode(packed, *model.words(70, 8, seed), threads=1 + seed % 3)


EVERY: dict[str, Callable[[int], Any]] = {
    "gated_activation": gated_activation,
    "gru_cell": gru_cell,
    "wavenet": wavenet,
    "wavernn": wavernn,
    "mel_resnet": mel_resnet,
    "g2p": g2p,
}


def arrays(result: Any) -> list[Any]:
    return [tensor.numpy() for tensor in tf.nest.flatten(result)]


def assert_same(given: list[Any], expected: list[Any]) -> None:
    for one, other in zip(given, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", EVERY)
def test_many_threads_at_once(name: str) -> None:
    call = EVERY[name]
    expected = [arrays(call(seed)) for seed in range(CALLS)]
    with ThreadPoolExecutor(CALLERS) as pool:
        for _ in range(3):
            for seed, given in enumerate(pool.map(lambda s: arrays(call(s)), range(CALLS))):
                assert_same(given, expected[seed])


def test_many_threads_in_one_function() -> None:
    """All of them share one graph and its kernels."""
    model = WAVENETS["decoded"]
    packed = pack_wavenet(model)
    inputs = model.inputs(4, 30)
    _, state = ops.wavenet_generate(packed, np.zeros((4, 0), np.uint8), **inputs)

    @tf.function
    def generate(temperature: Any) -> Any:
        given = inputs | {"temperature": temperature}
        branches = [ops.wavenet_generate(packed, state, **given, threads=n) for n in (1, 2, 3)]
        return [samples for samples, _ in branches]

    temperatures = [tf.constant(0.1 * i) for i in range(CALLS)]
    expected = [arrays(generate(t)) for t in temperatures]
    before = state.numpy().copy()
    with ThreadPoolExecutor(CALLERS) as pool:
        for given, other in zip(pool.map(generate, temperatures), expected, strict=True):
            assert_same(arrays(given), other)
    np.testing.assert_array_equal(state, before)
    assert_same(expected[5], [expected[5][0]] * 3)


def run(script: str) -> str:
    """What a program of its own prints; it finds this folder."""
    path = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
        check=True,
    )
    return done.stdout


def test_the_first_calls_come_from_many_threads() -> None:
    """The library is loaded once."""
    script = """
import threading
from concurrent.futures import ThreadPoolExecutor
from tfopt import ops
together = threading.Barrier(8)
def first(_):
    together.wait()
    return ops.gated_activation([100.0, 100.0], [0.0, 0.0]).numpy().tolist()
with ThreadPoolExecutor(8) as pool:
    print(list(pool.map(first, range(8))) == [[1.0]] * 8)
"""
    assert run(script) == "True\n"


def test_after_a_fork() -> None:
    """Children of a program that has used threads compute what it did."""
    script = """
import os, sys
from test_ops_threads import CALLS, EVERY, arrays, assert_same
expected = {name: [arrays(call(seed)) for seed in range(CALLS)] for name, call in EVERY.items()}
for _ in range(3):
    child = os.fork()
    if not child:
        try:
            for name, call in EVERY.items():
                for seed in range(CALLS):
                    assert_same(arrays(call(seed)), expected[name][seed])
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
for name, call in EVERY.items():
    assert_same(arrays(call(1)), expected[name][1])
print("done")
"""
    assert run(script) == "done\n"
