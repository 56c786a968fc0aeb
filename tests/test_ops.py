"""The ops compute what NumPy does, in every way that TensorFlow runs them.

Needs TensorFlow, NumPy and pytest alone, so that any TensorFlow can be tried.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pytest
import tensorflow as tf
from ops_checks import ISAS, assert_close, assert_same, zero_state
from ops_models import CLOSE, G2PS, WAVENETS, G2p, Wavenet, normal, sigmoid
from ops_wavernn import WAVERNNS

from tfopt import ops


def pack(model: Wavenet) -> Any:
    return ops.wavenet_pack(model.weights(), config=model.config, dilations=model.dilations)


def pack_g2p(model: G2p) -> Any:
    return ops.g2p_pack(model.weights(), config=model.config)


@pytest.fixture(params=WAVENETS)
def wavenet(request: pytest.FixtureRequest) -> Wavenet:
    return WAVENETS[request.param]


@pytest.fixture(params=G2PS)
def g2p(request: pytest.FixtureRequest) -> G2p:
    return G2PS[request.param]


@pytest.fixture(params=ISAS)
def isa(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each instruction set that this CPU has, chosen for the test."""
    monkeypatch.setenv("TFOPT_ISA", request.param)
    return str(request.param)


# --- Gated activation ---


@pytest.mark.parametrize("shape", [(2,), (6,), (3, 34), (2, 1, 5, 130), (0, 4), (3, 0), (2, 0, 8)])
def test_gated_activation(shape: tuple[int, ...], isa: str) -> None:
    random = np.random.default_rng(0)
    inputs, conditioning = (normal(random, *shape, scale=3) for _ in range(2))
    a, b = np.split((inputs + conditioning).astype(np.float64), 2, -1)
    result = ops.gated_activation(inputs, conditioning)
    assert result.dtype == tf.float32
    assert_close(result.numpy(), np.tanh(a) * sigmoid(b), 4e-7)


def test_gated_activation_by_hand() -> None:
    result = ops.gated_activation([[0.0, 1, 1, 0]], [[0.0, -1, -1, 100]])
    np.testing.assert_array_equal(result, [[0, 0]])
    result = ops.gated_activation([[100.0, -100, 100, 100]], [[0.0, 0, 0, 0]])
    np.testing.assert_array_equal(result, [[1, -1]])


@pytest.mark.parametrize("value", [np.inf, 3e38, 1e4, 88.0, 1e-3, 1e-30, 1e-45, 0.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_gated_activation_at_the_edges_of_float(value: float, sign: int, isa: str) -> None:
    x = np.float32(sign * value)
    inputs = np.array([[x, 0.5, x, x], [0.5, x, -x, x]], np.float32)
    a, b = np.split(inputs.astype(np.float64), 2, -1)
    assert_close(
        ops.gated_activation(inputs, np.zeros_like(inputs)).numpy(), np.tanh(a) * sigmoid(b), 4e-7
    )


@pytest.mark.parametrize("place", range(6))
def test_gated_activation_passes_nan_on(place: int, isa: str) -> None:
    inputs = np.ones((2, 6), np.float32)
    inputs[1, place] = np.nan
    result = ops.gated_activation(inputs, np.zeros_like(inputs)).numpy()
    assert np.argwhere(np.isnan(result)).tolist() == [[1, place % 3]]


# --- GRU cell ---


def gru(reset_after: bool, kernel: Any, inputs: Any, state: Any, bias: Any) -> Any:
    """The equations of `ops.gru_cell`."""
    (ur, uz, un), (xr, xz, xn) = np.split(kernel, 3, -1), np.split(inputs, 3, -1)
    r, z = sigmoid(xr + state @ ur), sigmoid(xz + state @ uz)
    recurrent = r * (state @ un + bias) if reset_after else (r * state) @ un + bias
    n = np.tanh(xn + recurrent)
    return n + z * (state - n)


@pytest.mark.parametrize("reset_after", [False, True])
@pytest.mark.parametrize("hidden", [1, 5, 16, 17, 40, 100])
@pytest.mark.parametrize("batch", [0, 1, 2, 7, 13])
def test_gru_cell(hidden: int, batch: int, reset_after: bool, isa: str) -> None:
    random = np.random.default_rng(hidden)
    kernel = normal(random, hidden, 3 * hidden, scale=1 / np.sqrt(hidden))
    inputs, state = normal(random, batch, 3 * hidden), normal(random, batch, hidden)
    bias = normal(random, hidden)
    gates, candidate = (
        ops.pack_matrix(part) for part in (kernel[:, : 2 * hidden], kernel[:, 2 * hidden :])
    )
    result = ops.gru_cell(gates, candidate, inputs, state, bias, reset_after=reset_after)
    doubles = [x.astype(np.float64) for x in (kernel, inputs, state, bias)]
    assert_close(result.numpy(), gru(reset_after, *doubles), 5e-6)


def test_gru_cell_by_hand() -> None:
    one = ops.pack_matrix([[0.0, 0.0]]), ops.pack_matrix([[1.0]])
    # r = z = 1/2: halfway between the state and tanh of what the candidate adds up.
    result = ops.gru_cell(*one, [[0.0, 0, 0]], [[4.0]], [1.0], reset_after=True)
    np.testing.assert_allclose(result, [[(np.tanh(2.5) + 4) / 2]], rtol=1e-6)
    result = ops.gru_cell(*one, [[0.0, 0, 0]], [[4.0]], [1.0], reset_after=False)
    np.testing.assert_allclose(result, [[(np.tanh(3) + 4) / 2]], rtol=1e-6)


# --- WaveNet ---


@pytest.mark.parametrize(("batch", "time"), [(1, 1), (3, 20), (2, 37), (0, 4), (2, 0), (0, 0)])
def test_wavenet_logits(wavenet: Wavenet, batch: int, time: int, isa: str) -> None:
    samples = wavenet.feed(batch, time)
    inputs = wavenet.inputs(batch, time)
    given = inputs["conditioning"], inputs["speaker"]
    logits, state = ops.wavenet_logits(pack(wavenet), zero_state(batch), samples, *given)
    assert state.shape[0] == batch
    assert state.shape[1] > 0
    assert_close(logits.numpy(), wavenet.logits(samples, *given), CLOSE)


@pytest.mark.parametrize("temperature", [0.0, 0.9])
def test_wavenet_generate(wavenet: Wavenet, temperature: float, isa: str) -> None:
    """Each sample is what NumPy draws after the samples before it."""
    batch, time = 3, 60
    inputs = wavenet.inputs(batch, time) | {"temperature": np.float32(temperature)}
    samples = ops.wavenet_generate(pack(wavenet), zero_state(batch), **inputs)[0].numpy()
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
def test_wavenet_in_chunks_and_threads(wavenet: Wavenet, threads: int) -> None:
    batch, time = 5, 23
    packed, inputs = pack(wavenet), wavenet.inputs(batch, time)
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


def test_wavenet_steps_are_its_logits(wavenet: Wavenet) -> None:
    batch, time = 2, 9
    packed, inputs, samples = pack(wavenet), wavenet.inputs(2, 9), wavenet.feed(batch, time)
    conditioning, speaker = inputs["conditioning"], inputs["speaker"]
    whole = ops.wavenet_logits(packed, zero_state(batch), samples, conditioning, speaker, threads=2)
    state: Any = zero_state(batch)
    for t in range(time):
        logits, state = ops.wavenet_step(packed, state, samples[:, t], conditioning[:, t], speaker)
        np.testing.assert_array_equal(logits, whole[0][:, t])
    np.testing.assert_array_equal(state, whole[1])


def test_wavenet_step_in_a_loop(wavenet: Wavenet) -> None:
    """Where TensorFlow forwards the state, so that it is advanced in its own memory."""
    batch, time = 2, 50
    packed, inputs, samples = pack(wavenet), wavenet.inputs(2, time), wavenet.feed(batch, time)
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
    packed, inputs = pack(wavenet), wavenet.inputs(2, 5)
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


# --- G2p ---


@pytest.mark.parametrize(("batch", "time"), [(1, 1), (5, 4), (70, 9), (0, 3), (0, 0)])
@pytest.mark.parametrize("threads", [1, 3])
def test_g2p_decode(g2p: G2p, batch: int, time: int, threads: int, isa: str) -> None:
    ids, lengths = g2p.words(batch, time)
    phonemes = ops.g2p_decode(pack_g2p(g2p), ids, lengths, threads=threads)
    assert phonemes.dtype == tf.int32
    np.testing.assert_array_equal(phonemes, g2p.decode(ids, lengths))


# --- How TensorFlow runs them ---


def every_op() -> dict[str, Any]:
    """A function of no arguments for every op, of constants."""
    random = np.random.default_rng(8)
    wavenet, g2p = WAVENETS["mixture"], G2PS["gru"]
    inputs = {name: tf.constant(value) for name, value in wavenet.inputs(2, 6).items()}
    conditioning, speaker = inputs["conditioning"], inputs["speaker"]
    packed, packed_g2p, state = pack(wavenet), pack_g2p(g2p), tf.constant(zero_state(2))
    weights = [tf.constant(weight) for weight in wavenet.weights()]
    g2p_weights = [tf.constant(weight) for weight in g2p.weights()]
    samples = tf.constant(wavenet.feed(2, 6))
    x = [tf.constant(normal(random, *shape)) for shape in [(3, 6), (3, 3), (3, 9), (2, 3), (3,)]]
    kernels = ops.pack_matrix(x[0]), ops.pack_matrix(x[1])
    ids, lengths = map(tf.constant, g2p.words(4, 5))
    return {
        "pack_matrix": lambda: ops.pack_matrix(x[0]),
        "gated_activation": lambda: ops.gated_activation(x[0], -x[0]),
        "gru_cell": lambda: ops.gru_cell(*kernels, x[2][:2], x[3], x[4], reset_after=True),
        "wavenet_pack": lambda: ops.wavenet_pack(
            weights, config=wavenet.config, dilations=wavenet.dilations
        ),
        "wavenet_step": lambda: ops.wavenet_step(
            packed, state, samples[:, 0], conditioning[:, 0], speaker
        ),
        "wavenet_generate": lambda: ops.wavenet_generate(packed, state, **inputs, threads=2),
        "wavenet_logits": lambda: ops.wavenet_logits(packed, state, samples, conditioning, speaker),
        **every_wavernn_op(),
        "g2p_pack": lambda: ops.g2p_pack(g2p_weights, config=g2p.config),
        "g2p_decode": lambda: ops.g2p_decode(packed_g2p, ids, lengths),
    }


def every_wavernn_op() -> dict[str, Any]:
    model = WAVERNNS["split"]
    weights, state = [tf.constant(weight) for weight in model.weights()], tf.constant(zero_state(2))
    packed = ops.wavernn_pack(weights, config=model.config)
    inputs = {
        name: value if name == "hop_length" else tf.constant(value)
        for name, value in model.inputs(2, 6).items()
    }
    rows = inputs["mels"][:, 0], inputs["aux"][:, 0], inputs["uniforms"][:, 0]
    conditions = {name: inputs[name] for name in ("mels", "aux", "offset", "hop_length")}
    samples = model.samples(2, 6)
    fed, targets = tf.constant(model.feedback(samples)), tf.constant(model.targets(samples))
    return {
        "wavernn_pack": lambda: ops.wavernn_pack(weights, config=model.config),
        "wavernn_step": lambda: ops.wavernn_step(
            packed, state, inputs["last"], *rows, inputs["temperature"]
        ),
        "wavernn_generate": lambda: ops.wavernn_generate(packed, state, **inputs, threads=2),
        "wavernn_logits": lambda: ops.wavernn_logits(packed, state, fed, targets, **conditions),
    }


OPS = (
    "pack_matrix",
    "gated_activation",
    "gru_cell",
    "wavenet_pack",
    "wavenet_step",
    "wavenet_generate",
    "wavenet_logits",
    "wavernn_pack",
    "wavernn_step",
    "wavernn_generate",
    "wavernn_logits",
    "g2p_pack",
    "g2p_decode",
)


@pytest.mark.parametrize("name", OPS)
def test_op_in_a_function(name: str) -> None:
    call = every_op()[name]
    function = tf.function(call)
    assert_same(function(), call())
    # What a graph knows of the shapes has to be true.
    graph = function.get_concrete_function()
    for symbol, value in zip(tf.nest.flatten(graph.outputs), tf.nest.flatten(call()), strict=True):
        assert symbol.shape.rank == value.shape.rank
        assert symbol.shape.is_compatible_with(value.shape)


@pytest.mark.parametrize("name", OPS)
def test_op_in_a_session(name: str) -> None:
    expected = every_op()[name]()
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        # Packing is an op of its own, so that even the packed models come from the session.
        assert_same(session.run(every_op()[name]()), expected)


def test_known_shapes_in_a_graph() -> None:
    model = WAVENETS["mixture"]
    with tf.Graph().as_default():
        packed = tf.compat.v1.placeholder(tf.uint8, [None])
        state = tf.compat.v1.placeholder(tf.uint8, [4, 0])
        inputs = model.inputs(4, 9)
        samples, new_state = ops.wavenet_generate(packed, state, **inputs)
        assert samples.shape.as_list() == [4, 9]
        assert new_state.shape.as_list() == [4, None]
        again = ops.wavenet_generate(packed, tf.compat.v1.placeholder(tf.uint8, [4, 64]), **inputs)
        assert again[1].shape.as_list() == [4, 64]
        unknown = tf.compat.v1.placeholder(tf.float32, None)
        half = tf.compat.v1.placeholder(tf.float32, [None, 6])
        assert ops.gated_activation(unknown, unknown).shape.rank is None
        assert ops.gated_activation(unknown, half).shape.as_list() == [None, 3]


class Model(tf.Module):  # type: ignore[misc]
    """All ops that run a network, as a SavedModel holds them."""

    def __init__(self) -> None:
        super().__init__()
        self.model = WAVENETS["one_hot"]
        self.packed, self.g2p = pack(self.model), pack_g2p(G2PS["gru"])
        wavernn = WAVERNNS["split"]
        self.wavernn = ops.wavernn_pack(wavernn.weights(), config=wavernn.config)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32), tf.TensorSpec([], tf.int32)])
    def generate(self, last: Any, time: Any) -> Any:
        batch = tf.shape(last)[0]
        uniforms = tf.fill([batch, time, 1], 0.3)
        empty = tf.zeros([batch, 0])
        return ops.wavenet_generate(
            self.packed,
            tf.zeros([batch, 0], tf.uint8),
            last,
            empty,
            tf.zeros([batch, time, 0]),
            empty,
            uniforms,
            0.8,
        )

    @tf.function(input_signature=[tf.TensorSpec([None, None, None])] * 3)
    def vocode(self, mels: Any, aux: Any, uniforms: Any) -> Any:
        batch = tf.shape(mels)[0]
        start = tf.zeros([batch, 0], tf.uint8), tf.zeros([batch, 2])
        given = mels, aux, 0, uniforms, 0.8
        return ops.wavernn_generate(self.wavernn, *start, *given, hop_length=4)

    @tf.function(
        input_signature=[tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32)]
    )
    def decode(self, ids: Any, lengths: Any) -> Any:
        return ops.g2p_decode(self.g2p, ids, lengths)


def test_saved_model(tmp_path: Path) -> None:
    model = Model()
    tf.saved_model.save(model, str(tmp_path / "saved"))
    loaded = tf.saved_model.load(str(tmp_path / "saved"))
    last, words = tf.constant([1.0, 4.0]), [tf.constant(w) for w in G2PS["gru"].words(3, 4)]
    expected = model.generate(last, 12)
    assert_same(loaded.generate(last, 12), expected)
    assert_same(loaded.decode(*words), model.decode(*words))
    given = WAVERNNS["split"].inputs(2, 8, offset=0)
    rows = [tf.constant(given[name]) for name in ("mels", "aux", "uniforms")]
    assert_same(loaded.vocode(*rows), model.vocode(*rows))
    # Another program needs the ops alone.
    np.save(tmp_path / "samples.npy", expected[0].numpy())
    script = (
        "import sys, numpy as np; from tfopt import ops; ops.load(); import tensorflow as tf\n"
        "model = tf.saved_model.load(sys.argv[1] + '/saved')\n"
        "given = model.generate(tf.constant([1.0, 4.0]), 12)[0]\n"
        "np.testing.assert_array_equal(given, np.load(sys.argv[1] + '/samples.npy'))\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)


@pytest.mark.parametrize(
    "name", ["gated_activation", "gru_cell", "wavenet_generate", "wavernn_generate"]
)
def test_there_are_no_gradients(name: str) -> None:
    x, wavernn = tf.ones([1, 2]), WAVERNNS["categorical"]
    arguments: dict[str, Any] = {
        "gated_activation": lambda: ops.gated_activation(x, x),
        "gru_cell": lambda: ops.gru_cell(
            ops.pack_matrix(tf.ones([1, 2])),
            ops.pack_matrix(tf.ones([1, 1])),
            tf.concat([x, x[:, :1]], 1),
            x[:, :1],
            x[0, :1],
            reset_after=True,
        ),
        "wavenet_generate": lambda: ops.wavenet_generate(
            pack(WAVENETS["gaussian"]),
            zero_state(1),
            x[:, 0],
            x[:, :0],
            x[:, :, tf.newaxis][..., :0],
            x[:, :1],
            0.5 * x[:, :, tf.newaxis] * tf.ones([1, 1, 2]),
            1.0,
        )[0],
        "wavernn_generate": lambda: ops.wavernn_generate(
            ops.wavernn_pack(wavernn.weights(), config=wavernn.config),
            zero_state(1),
            x[:, :1],
            x[:, tf.newaxis, :1] * tf.ones([1, 1, wavernn.mel]),
            x[:, tf.newaxis, :1] * tf.ones([1, 1, wavernn.conditioning]),
            0,
            0.5 * x[:, tf.newaxis, :1],
            1.0,
            hop_length=1,
        )[0],
    }
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = arguments[name]()
    with pytest.raises(LookupError, match="radient"):
        tape.gradient(y, x)

    @tf.function(autograph=False)  # which would wrap the error
    def in_graph() -> Any:
        return tf.gradients(arguments[name](), x)

    with pytest.raises(LookupError, match="radient"):
        in_graph()


def test_instruction_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TFOPT_ISA", raising=False)
    assert ops.instruction_set() == ISAS[-1]
    monkeypatch.setenv("TFOPT_ISA", "sse9")
    message = "TFOPT_ISA: expected one of .*, got 'sse9'"
    with pytest.raises(ValueError, match=message):
        ops.instruction_set()
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        ops.gated_activation([1.0, 1.0], [1.0, 1.0])


@pytest.mark.parametrize("name", ISAS)
def test_an_instruction_set_can_be_chosen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFOPT_ISA", name)
    assert ops.instruction_set() == name


def test_packed_models_are_the_same_on_every_instruction_set(wavenet: Wavenet, isa: str) -> None:
    packed = pack(wavenet)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TFOPT_ISA")
        np.testing.assert_array_equal(pack(wavenet), packed)
