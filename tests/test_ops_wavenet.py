"""WaveNet's ops compute what NumPy does, however the work is cut into calls, batches and threads.

Needs TensorFlow, NumPy and pytest alone, so that any TensorFlow can be tried.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pytest
import tensorflow as tf
from ops_checks import assert_close, pack_wavenet, zero_state
from ops_models import CLOSE, WAVENETS, Wavenet

from tfopt import ops

pytest_plugins = ["ops_fixtures"]


@pytest.fixture(params=WAVENETS)
def wavenet(request: pytest.FixtureRequest) -> Wavenet:
    return WAVENETS[request.param]


@pytest.mark.parametrize(("batch", "time"), [(1, 1), (3, 20), (2, 37), (0, 4), (2, 0), (0, 0)])
def test_logits(wavenet: Wavenet, batch: int, time: int, isa: str) -> None:
    samples = wavenet.feed(batch, time)
    inputs = wavenet.inputs(batch, time)
    given = inputs["conditioning"], inputs["speaker"]
    logits, state = ops.wavenet_logits(pack_wavenet(wavenet), zero_state(batch), samples, *given)
    assert state.shape[0] == batch
    assert state.shape[1] > 0
    assert_close(logits.numpy(), wavenet.logits(samples, *given), CLOSE)


@pytest.mark.parametrize("temperature", [0.0, 0.9])
def test_generate(wavenet: Wavenet, temperature: float, isa: str) -> None:
    """Each sample is what NumPy draws after the samples before it."""
    batch, time = 3, 60
    inputs = wavenet.inputs(batch, time) | {"temperature": np.float32(temperature)}
    samples = ops.wavenet_generate(pack_wavenet(wavenet), zero_state(batch), **inputs)[0].numpy()
    forced = inputs["forced"]
    np.testing.assert_array_equal(samples[:, : forced.shape[1]], forced)
    fed = np.concatenate([inputs["last"][:, None], samples[:, :-1]], axis=1)
    logits = wavenet.logits(fed, inputs["conditioning"], inputs["speaker"])
    near_ties = 0
    for row, t in np.ndindex(batch, time - forced.shape[1]):
        t += forced.shape[1]
        draws = wavenet.draws(logits[row, t], inputs["uniforms"][row, t], temperature)
        near_ties += len(draws) > 1
        # Amplitudes: e^0.5 times the error of a log scale, twice, times a quantile of at most 11.5.
        error = np.abs(np.array(draws) - samples[row, t]).min()
        assert error <= (0 if wavenet.classes else 40 * CLOSE), (row, t, draws, samples[row, t])
    # Of 174 draws; with 300 classes, 300 * 2 * CLOSE of all random numbers are that near a border.
    assert near_ties <= 8


@pytest.mark.parametrize("threads", [1, 3])
def test_chunks_and_threads_change_nothing(wavenet: Wavenet, threads: int) -> None:
    batch, time = 5, 23
    packed, inputs = pack_wavenet(wavenet), wavenet.inputs(batch, time)
    whole = ops.wavenet_generate(packed, zero_state(batch), **inputs)
    state, last, start = zero_state(batch), inputs["last"], 0
    chunks = []
    for length in (1, 7, 0, 15):
        stop = start + length
        part = inputs | {
            "last": last,
            "forced": inputs["forced"][:, start:stop],
            "conditioning": inputs["conditioning"][:, start:stop],
            "uniforms": inputs["uniforms"][:, start:stop],
        }
        samples, state = ops.wavenet_generate(packed, state, **part, threads=threads)
        chunks.append(samples)
        last, start = (samples[:, -1] if length else last), stop
    np.testing.assert_array_equal(tf.concat(chunks, 1), whole[0])
    np.testing.assert_array_equal(state, whole[1])


def test_steps_are_the_logits(wavenet: Wavenet) -> None:
    batch, time = 2, 9
    packed, inputs, samples = pack_wavenet(wavenet), wavenet.inputs(2, 9), wavenet.feed(batch, time)
    conditioning, speaker = inputs["conditioning"], inputs["speaker"]
    whole = ops.wavenet_logits(packed, zero_state(batch), samples, conditioning, speaker, threads=2)
    state: Any = zero_state(batch)
    for t in range(time):
        logits, state = ops.wavenet_step(packed, state, samples[:, t], conditioning[:, t], speaker)
        np.testing.assert_array_equal(logits, whole[0][:, t])
    np.testing.assert_array_equal(state, whole[1])


def test_step_in_a_loop(wavenet: Wavenet) -> None:
    """Where TensorFlow forwards the state, so that it is advanced in its own memory."""
    batch, time = 2, 50
    packed, inputs, samples = (
        pack_wavenet(wavenet),
        wavenet.inputs(2, time),
        wavenet.feed(batch, time),
    )
    conditioning, speaker = inputs["conditioning"], inputs["speaker"]

    @tf.function
    def loop(samples: Any, conditioning: Any) -> Any:
        def body(t: Any, state: Any, written: Any) -> Any:
            logits, state = ops.wavenet_step(
                packed, state, samples[:, t], conditioning[:, t], speaker
            )
            return t + 1, state, written.write(t, logits)

        start = tf.constant(0), tf.zeros([batch, 0], tf.uint8), tf.TensorArray(tf.float32, time)
        shapes = tf.TensorShape([]), tf.TensorShape([batch, None]), tf.TensorShape(None)
        _, state, written = tf.while_loop(
            lambda t, *_: t < time, body, start, shape_invariants=shapes
        )
        return tf.transpose(written.stack(), [1, 0, 2]), state

    whole = ops.wavenet_logits(packed, zero_state(batch), samples, conditioning, speaker)
    for given, expected in zip(
        loop(tf.constant(samples), tf.constant(conditioning)), whole, strict=True
    ):
        np.testing.assert_array_equal(given, expected)


def test_a_state_is_never_changed_under_its_owner(wavenet: Wavenet) -> None:
    packed, inputs = pack_wavenet(wavenet), wavenet.inputs(2, 5)
    _, state = ops.wavenet_generate(packed, zero_state(2), **inputs)
    before = state.numpy().copy()
    again = [ops.wavenet_generate(packed, state, **inputs) for _ in range(2)]
    step = tf.function(lambda s: ops.wavenet_generate(packed, s, **inputs))
    again += [step(state), tf.function(lambda: step(state))()]
    np.testing.assert_array_equal(state, before)

    @tf.function
    def twice(state: Any) -> Any:
        state = tf.bitwise.bitwise_or(state, tf.zeros_like(state))  # nobody outside holds this one
        return [ops.wavenet_generate(packed, state, **inputs) for _ in range(2)] + [state]

    *pair, unchanged = twice(state)
    np.testing.assert_array_equal(unchanged, before)
    for samples, new_state in again + pair:
        np.testing.assert_array_equal(samples, again[0][0])
        np.testing.assert_array_equal(new_state, again[0][1])


def test_packed_models_are_the_same_on_every_instruction_set(wavenet: Wavenet, isa: str) -> None:
    packed = pack_wavenet(wavenet)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TFOPT_ISA")
        np.testing.assert_array_equal(pack_wavenet(wavenet), packed)
