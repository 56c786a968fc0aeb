"""Every op in the ways that TensorFlow runs it: a function, a session, known shapes, no gradients.

Needs TensorFlow, NumPy and pytest alone, so that any TensorFlow can be tried.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pytest
import tensorflow as tf
from ops_checks import assert_same, pack_g2p, pack_wavenet, pack_wavernn, zero_state
from ops_mel_resnet import MEL_RESNETS
from ops_models import G2PS, WAVENETS, normal
from ops_wavernn import WAVERNNS

from tfopt import ops


def every_op() -> dict[str, Any]:
    """A function of no arguments for every op, of constants."""
    random = np.random.default_rng(8)
    wavenet, g2p = WAVENETS["mixture"], G2PS["gru"]
    inputs = {name: tf.constant(value) for name, value in wavenet.inputs(2, 6).items()}
    conditioning, speaker = inputs["conditioning"], inputs["speaker"]
    packed, packed_g2p, state = pack_wavenet(wavenet), pack_g2p(g2p), tf.constant(zero_state(2))
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
        "convert_weights": lambda: ops.convert_weights(
            packed, weight_type="int8", most_density=0.5
        ),
        "wavenet_step": lambda: ops.wavenet_step(
            packed, state, samples[:, 0], conditioning[:, 0], speaker
        ),
        "wavenet_generate": lambda: ops.wavenet_generate(packed, state, **inputs, threads=2),
        "wavenet_logits": lambda: ops.wavenet_logits(packed, state, samples, conditioning, speaker),
        **every_wavernn_op(),
        **every_mel_resnet_op(),
        "g2p_pack": lambda: ops.g2p_pack(g2p_weights, config=g2p.config),
        "g2p_decode": lambda: ops.g2p_decode(packed_g2p, ids, lengths),
    }


def every_mel_resnet_op() -> dict[str, Any]:
    model = MEL_RESNETS["plain"]
    weights, frames = (
        [tf.constant(part) for part in model.weights()],
        tf.constant(model.frames(2, 6)),
    )
    packed = ops.mel_resnet_pack(weights, config=model.config)
    return {
        "mel_resnet_pack": lambda: ops.mel_resnet_pack(weights, config=model.config),
        "mel_resnet": lambda: ops.mel_resnet(packed, frames),
    }


def every_wavernn_op() -> dict[str, Any]:
    model = WAVERNNS["split"]
    weights, state = [tf.constant(weight) for weight in model.weights()], tf.constant(zero_state(2))
    packed = pack_wavernn(model)
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
    "convert_weights",
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
            pack_wavenet(WAVENETS["gaussian"]),
            zero_state(1),
            x[:, 0],
            x[:, :0],
            x[:, :, tf.newaxis][..., :0],
            x[:, :1],
            0.5 * x[:, :, tf.newaxis] * tf.ones([1, 1, 2]),
            1.0,
        )[0],
        "wavernn_generate": lambda: ops.wavernn_generate(
            pack_wavernn(wavernn),
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
