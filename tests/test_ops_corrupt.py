"""Packed models and states may come from anywhere: whatever is in them, an op fails or computes something.

Needs TensorFlow, NumPy and pytest alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
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

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Run = Callable[[Bytes], Any]  # runs the op on other bytes
Generate = Callable[[Any, Bytes], Any]  # the same of a packed model and a state

REJECTED = (tf.errors.InvalidArgumentError, tf.errors.ResourceExhaustedError)
BATCH, TIME = 2, 6


def matrix() -> tuple[Bytes, Run]:
    random = np.random.default_rng(0)
    gates, candidate = (ops.pack_matrix(normal(random, 3, width)).numpy() for width in (6, 3))
    inputs, state, bias = (normal(random, *shape) for shape in [(2, 9), (2, 3), (3,)])

    def run(packed: Bytes) -> Any:
        return ops.gru_cell(packed, candidate, inputs, state, bias, reset_after=True)

    return gates, run


def wavenet(name: str) -> tuple[Any, Generate]:
    """A packed model, and what runs it."""
    model = WAVENETS[name]
    inputs = model.inputs(BATCH, TIME)
    packed = pack_wavenet(model)
    return packed, lambda packed, state: ops.wavenet_generate(packed, state, **inputs)


def wavernn() -> tuple[Any, Generate]:
    """As `wavenet`."""
    model = WAVERNNS["split"]
    inputs = model.inputs(BATCH, TIME)
    packed = pack_wavernn(model)
    return packed, lambda packed, state: ops.wavernn_generate(packed, state, **inputs)


def converted(made: tuple[Any, Generate], weight_type: str) -> tuple[Any, Generate]:
    """The same with weights of another type, and without the blocks of zeros."""
    packed, generate = made
    dense = packed.numpy()
    values = dense[header_bytes("converted", dense) :].view(np.float32)
    values[np.random.default_rng(4).random(len(values)) < 0.9] = 0
    return ops.convert_weights(dense, weight_type=weight_type, most_density=1.0), generate


def mel_resnet() -> tuple[Bytes, Run]:
    model = MEL_RESNETS["plain"]
    frames = model.frames(BATCH, TIME)
    packed = ops.mel_resnet_pack(model.weights(), config=model.config).numpy()
    return packed, lambda other: ops.mel_resnet(other, frames)


def packed_model(packed: Any, generate: Generate) -> tuple[Bytes, Run]:
    return packed.numpy(), lambda other: generate(other, np.zeros((BATCH, 0), np.uint8))


def state(packed: Any, generate: Generate) -> tuple[Bytes, Run]:
    _, states = generate(packed, np.zeros((BATCH, 0), np.uint8))
    return states.numpy().reshape(-1), lambda other: generate(packed, other.reshape(BATCH, -1))


def g2p(name: str) -> tuple[Bytes, Run]:
    model = G2PS[name]
    words = model.words(3, 5)
    packed = pack_g2p(model).numpy()
    return packed, lambda other: ops.g2p_decode(other, *words)


PACKED: dict[str, Callable[[], tuple[Bytes, Run]]] = {
    "matrix": matrix,
    **{f"wavenet {name}": lambda name=name: packed_model(*wavenet(name)) for name in WAVENETS},  # type: ignore[misc]
    "wavernn": lambda: packed_model(*wavernn()),
    "wavenet converted": lambda: packed_model(*converted(wavenet("mixture"), "int8")),
    "wavernn converted": lambda: packed_model(*converted(wavernn(), "bfloat16")),
    "mel_resnet": mel_resnet,
    **{f"g2p {name}": lambda name=name: g2p(name) for name in G2PS},  # type: ignore[misc]
}
STATES: dict[str, Callable[[], tuple[Bytes, Run]]] = {
    **{f"wavenet {name}": lambda name=name: state(*wavenet(name)) for name in WAVENETS},  # type: ignore[misc]
    "wavernn": lambda: state(*wavernn()),
}


def survives(run: Run, given: Bytes) -> bool:
    """Whether the op took the bytes. It may refuse them, or inputs that they call for, and nothing else."""
    try:
        run(given)
    except REJECTED as error:
        message = error.message
    else:
        return True
    assert ": expected " in message or "is not finite" in message, message
    return False


def header_bytes(name: str, packed: Bytes) -> int:
    """All before the first weight."""
    integers = int(packed[24:32].view(np.int64)[0])
    return -(-(32 + 4 * integers) // 64) * 64


@pytest.mark.parametrize("name", PACKED)
def test_every_length(name: str) -> None:
    packed, run = PACKED[name]()
    assert survives(run, packed)
    lengths = np.unique(
        np.concatenate([np.arange(min(1000, len(packed))), np.arange(0, len(packed), 61)])
    )
    for length in lengths:
        assert not survives(run, packed[:length].copy()), length
    for more in (1, 4, 64):
        assert not survives(run, np.concatenate([packed, np.zeros(more, np.uint8)]))


@pytest.mark.parametrize("name", PACKED)
def test_every_byte_of_a_header(name: str) -> None:
    packed, run = PACKED[name]()
    refused = 0
    for place in range(header_bytes(name, packed)):
        for flip in (1, 2, 4, 8, 16, 32, 64, 128, 255):
            other = packed.copy()
            other[place] ^= flip
            refused += not survives(run, other)
    assert refused > 32 * 9 - 9  # nothing before the config may be otherwise


@pytest.mark.parametrize("name", PACKED)
def test_two_settings_at_once(name: str) -> None:
    """So that sizes may still agree with one another, or overflow."""
    packed, run = PACKED[name]()
    random = np.random.default_rng(1)
    settings = (header_bytes(name, packed) - 32) // 4
    for _ in range(2000):
        other = packed.copy()
        integers = other[32 : 32 + 4 * settings].view(np.int32)
        for place in random.integers(0, settings, 2):
            choices = (0, 1, 2, -1, 3, 2**31 - 1, -(2**31), 65536, random.integers(0, 100))
            integers[place] = choices[random.integers(len(choices))]
        survives(run, other)


@pytest.mark.parametrize("name", PACKED)
def test_random_weights_and_random_bytes(name: str) -> None:
    packed, run = PACKED[name]()
    random = np.random.default_rng(2)
    start = header_bytes(name, packed)
    for _ in range(200):
        other = packed.copy()
        other[start:] = random.integers(0, 256, len(other) - start)
        survives(run, other)
        assert not survives(run, random.integers(0, 256, len(packed)).astype(np.uint8))
    for bits in (0x7F800000, 0xFF800000, 0x7FC00000, 0x7F7FFFFF, 0xFF7FFFFF):
        other = packed.copy()
        other[start:].view(np.uint32)[:] = bits
        survives(run, other)


@pytest.mark.parametrize("name", STATES)
def test_states(name: str) -> None:
    state, run = STATES[name]()
    assert survives(run, state)
    random = np.random.default_rng(3)
    refused = 0
    for place in range(24):
        for flip in (1, 2, 4, 8, 16, 32, 64, 128, 255):
            other = state.copy()
            other[place] ^= flip
            refused += not survives(run, other)
    # Magic, and the bytes of the record; a WaveNet's streams have to agree where they are.
    assert refused >= (16 if name.startswith("wavenet") else 12) * 9
    row = len(state) // BATCH
    for _ in range(500):
        other = state.copy()
        position = random.integers(-(2**63), 2**63 - 1).tobytes()
        for start in range(0, len(state), row):
            other[start + 16 : start + 24] = np.frombuffer(position, np.uint8)
        survives(run, other)
        other = state.copy()
        for start in range(0, len(state), row):
            other[start + 64 : start + row] = random.integers(0, 256, row - 64)
        survives(run, other)
        assert not survives(run, random.integers(0, 256, len(state)).astype(np.uint8))
    assert survives(run, state)
