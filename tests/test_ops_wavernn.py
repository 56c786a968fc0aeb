"""WaveRNN's ops compute what NumPy does, however the work is cut into calls, batches and threads.

Needs TensorFlow, NumPy and pytest alone, so that any TensorFlow can be tried.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pytest
import tensorflow as tf
from ops_checks import assert_close, assert_same, pack_wavernn, zero_state
from ops_models import CLOSE
from ops_wavernn import HOP, WAVERNNS, Wavernn

from tfopt import ops

pytest_plugins = ["ops_fixtures"]


def steps_of(inputs: dict[str, Any], begin: int, end: int) -> dict[str, Any]:
    """The inputs of some steps, with no frame but theirs."""
    first, behind = int(inputs["offset"]) + begin, int(inputs["offset"]) + end
    parts = {name: inputs[name][:, begin:end] for name in ("mels", "uniforms") if name in inputs}
    frames = inputs["aux"][:, first // HOP : -(-behind // HOP)]
    return inputs | parts | {"aux": frames, "offset": np.int32(first % HOP)}


def row_of(inputs: dict[str, Any], t: int) -> dict[str, Any]:
    """The inputs of one step, as `ops.wavernn_step` takes them."""
    frame = (int(inputs["offset"]) + t) // HOP
    rows = {name: inputs[name][:, t] for name in ("mels", "uniforms")}
    return rows | {"aux": inputs["aux"][:, frame], "temperature": inputs["temperature"]}


def streams_of(inputs: dict[str, Any], rows: list[int]) -> dict[str, Any]:
    names = ("last", "mels", "aux", "uniforms")
    return inputs | {name: inputs[name][rows] for name in names}


@pytest.fixture(params=WAVERNNS)
def model(request: pytest.FixtureRequest) -> Wavernn:
    return WAVERNNS[request.param]


@pytest.mark.parametrize(("batch", "time"), [(1, 1), (3, 20), (2, 37), (0, 4), (2, 0), (0, 0)])
def test_logits(model: Wavernn, batch: int, time: int, isa: str) -> None:
    samples, conditions = model.samples(batch, time), model.conditions(batch, time)
    fed, targets = model.feedback(samples), model.targets(model.samples(batch, time, seed=5))
    logits, state = ops.wavernn_logits(
        pack_wavernn(model), zero_state(batch), fed, targets, **conditions
    )
    assert state.shape[0] == batch
    assert state.shape[1] > 0
    assert_close(logits.numpy(), model.logits(fed, targets, conditions), CLOSE)


@pytest.mark.parametrize("temperature", [0.0, 0.9])
def test_generate(model: Wavernn, temperature: float, isa: str) -> None:
    """Each sample is what NumPy draws after the samples before it."""
    batch, time = 3, 60
    inputs = model.inputs(batch, time) | {"temperature": np.float32(temperature)}
    samples = ops.wavernn_generate(pack_wavernn(model), zero_state(batch), **inputs)[0].numpy()
    fed = np.concatenate([inputs["last"][:, None], model.feedback(samples[:, :-1])], axis=1)
    logits = model.logits(fed, model.targets(samples), inputs)
    near_ties = 0
    for row, t in np.ndindex(batch, time):
        draws = model.draws(logits[row, t], inputs["uniforms"][row, t], temperature)
        near_ties += len(draws) > 1
        # Amplitudes: e^0.5 times the error of a log scale, twice, times a quantile of at most 11.5.
        error = np.abs(np.array(draws) - samples[row, t]).min()
        assert error <= (40 * CLOSE if model.mixtures else 0), (row, t, draws, samples[row, t])
    # Of 180 draws; with 512 classes, 512 * 2 * CLOSE of all random numbers are that near a border.
    assert near_ties <= 12


@pytest.mark.parametrize("threads", [1, 3])
def test_chunks_and_threads_change_nothing(model: Wavernn, threads: int) -> None:
    batch, time = 5, 23
    packed, inputs = pack_wavernn(model), model.inputs(batch, time)
    whole = ops.wavernn_generate(packed, zero_state(batch), **inputs)
    state, last, begin = zero_state(batch), inputs["last"], 0
    chunks = []
    for length in (1, 7, 0, 15):
        part = steps_of(inputs, begin, begin + length) | {"last": last}
        samples, state = ops.wavernn_generate(packed, state, **part, threads=threads)
        chunks.append(samples)
        last, begin = (model.feedback(samples[:, -1]) if length else last), begin + length
    assert_same((tf.concat(chunks, 1), state), whole)


def test_a_batch_is_its_streams(model: Wavernn) -> None:
    """Streams go on in any order and number, as each of them would have alone."""
    packed, inputs = pack_wavernn(model), model.inputs(4, 9)
    samples, state = ops.wavernn_generate(packed, zero_state(4), **inputs)
    more = model.inputs(4, 9, seed=7) | {"last": model.feedback(samples[:, -1])}
    expected = ops.wavernn_generate(packed, state, **more)
    for rows in ([0], [3, 1], [2, 3, 0, 1]):
        chosen = ops.wavernn_generate(packed, tf.gather(state, rows), **streams_of(more, rows))
        assert_same(chosen, [tf.gather(part, rows) for part in expected])


def test_steps_are_the_whole_loop(model: Wavernn) -> None:
    batch, time = 2, 9
    packed, inputs = pack_wavernn(model), model.inputs(batch, time)
    whole = ops.wavernn_generate(packed, zero_state(batch), **inputs, threads=2)
    state, last = zero_state(batch), inputs["last"]
    for t in range(time):
        samples, last, state = ops.wavernn_step(packed, state, last, **row_of(inputs, t))
        np.testing.assert_array_equal(samples, whole[0][:, t])
        np.testing.assert_array_equal(last, model.feedback(samples.numpy()))
    np.testing.assert_array_equal(state, whole[1])


def test_step_in_a_loop(model: Wavernn) -> None:
    """Where TensorFlow forwards the state, so that it is advanced in its own memory."""
    batch, time = 2, 50
    packed, inputs = pack_wavernn(model), model.inputs(batch, time)
    frames = (inputs["offset"] + np.arange(time)) // HOP

    @tf.function
    def loop(mels: Any, aux: Any, uniforms: Any) -> Any:
        def body(t: Any, last: Any, state: Any, written: Any) -> Any:
            rows = mels[:, t], aux[:, t], uniforms[:, t], 0.9
            samples, last, state = ops.wavernn_step(packed, state, last, *rows)
            return t + 1, last, state, written.write(t, samples)

        start = tf.constant(0), tf.constant(inputs["last"]), tf.zeros([batch, 0], tf.uint8)
        shapes = (
            tf.TensorShape([]),
            tf.TensorShape([batch, model.fed]),
            tf.TensorShape([batch, None]),
        )
        _, _, state, written = tf.while_loop(
            lambda t, *_: t < time,
            body,
            (*start, tf.TensorArray(tf.float32, time)),
            shape_invariants=(*shapes, tf.TensorShape(None)),
        )
        return tf.transpose(written.stack()), state

    rows = inputs["mels"], inputs["aux"][:, frames], inputs["uniforms"]
    given = loop(*(tf.constant(part) for part in rows))
    assert_same(given, ops.wavernn_generate(packed, zero_state(batch), **inputs))


def test_a_state_is_never_changed_under_its_owner(model: Wavernn) -> None:
    packed, inputs = pack_wavernn(model), model.inputs(2, 5)
    _, state = ops.wavernn_generate(packed, zero_state(2), **inputs)
    before = state.numpy().copy()
    again = [ops.wavernn_generate(packed, state, **inputs) for _ in range(2)]
    function = tf.function(lambda s: ops.wavernn_generate(packed, s, **inputs))
    again += [function(state), tf.function(lambda: function(state))()]
    np.testing.assert_array_equal(state, before)
    for given in again:
        assert_same(given, again[0])


def test_frames_that_no_step_is_in_may_be_there() -> None:
    model = WAVERNNS["categorical"]
    packed, inputs = pack_wavernn(model), model.inputs(2, 5)
    more = inputs | {"aux": np.concatenate([inputs["aux"], 9 + inputs["aux"]], 1)}
    assert_same(
        ops.wavernn_generate(packed, zero_state(2), **more),
        ops.wavernn_generate(packed, zero_state(2), **inputs),
    )


def test_an_output_that_is_not_finite() -> None:
    model = WAVERNNS["split"]
    weights = model.weights()
    weights[-6][:] = 3e38  # the output layer's kernel
    packed = ops.wavernn_pack(weights, config=model.config)
    with pytest.raises(tf.errors.InvalidArgumentError, match="output is not finite"):
        ops.wavernn_generate(packed, zero_state(2), **model.inputs(2, 5))


def test_known_shapes_in_a_graph() -> None:
    model = WAVERNNS["split"]
    with tf.Graph().as_default():
        packed = tf.compat.v1.placeholder(tf.uint8, [None])
        state = tf.compat.v1.placeholder(tf.uint8, [4, 0])
        inputs = model.inputs(4, 9)
        samples, new_state = ops.wavernn_generate(packed, state, **inputs)
        assert samples.shape.as_list() == [4, 9]
        assert new_state.shape.as_list() == [4, None]
        samples, fed, _ = ops.wavernn_step(packed, state, inputs["last"], **row_of(inputs, 0))
        assert samples.shape.as_list() == [4]
        assert fed.shape.as_list() == [4, 2]
        fed = model.feedback(model.samples(4, 9))
        targets, conditions = model.targets(model.samples(4, 9)), model.conditions(4, 9)
        logits, _ = ops.wavernn_logits(packed, state, fed, targets, **conditions)
        assert logits.shape.as_list() == [4, 9, None]


def test_packed_models_are_the_same_on_every_instruction_set(model: Wavernn, isa: str) -> None:
    packed = pack_wavernn(model)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TFOPT_ISA")
        np.testing.assert_array_equal(pack_wavernn(model), packed)
