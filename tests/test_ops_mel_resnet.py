"""The op of WaveRNN's residual network computes what NumPy does, in every way that TensorFlow runs it.

Needs TensorFlow, NumPy and pytest alone, so that any TensorFlow can be tried.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pytest
import tensorflow as tf
from ops_checks import assert_close
from ops_mel_resnet import MEL_RESNETS, MelResnet
from ops_models import CLOSE

from tfopt import ops

pytest_plugins = ["ops_fixtures"]


def pack(model: MelResnet) -> Any:
    return ops.mel_resnet_pack(model.weights(), config=model.config)


@pytest.fixture(params=MEL_RESNETS)
def model(request: pytest.FixtureRequest) -> MelResnet:
    return MEL_RESNETS[request.param]


@pytest.mark.parametrize(("batch", "count"), [(1, 1), (3, 2), (2, 21), (0, 4), (2, 0), (0, 0)])
def test_it_is_what_numpy_computes(model: MelResnet, batch: int, count: int, isa: str) -> None:
    frames = model.frames(batch, count)
    given = ops.mel_resnet(pack(model), frames)
    assert given.dtype == tf.float32
    assert given.shape == (batch, count, model.outputs)
    assert_close(given.numpy(), model.compute(frames), CLOSE)


def test_by_hand() -> None:
    """A convolution that takes off the frame before; a block that adds twice what is above 1."""
    weights = [
        np.array([[[-1.0]], [[1.0]], [[0.0]]], np.float32),
        np.array([0.5], np.float32),
        np.array([[1.0]], np.float32),
        np.array([-1.0], np.float32),
        np.array([[2.0]], np.float32),
        np.array([0.0], np.float32),
        np.array([[0.125, 10]], np.float32),
        np.array([0.0, -1], np.float32),
    ]
    packed = ops.mel_resnet_pack(weights, config=[1, 1, 1, 1, 2])
    frames = np.array([[0.0, 2, 7, 3, 0]], np.float32)[..., np.newaxis]
    # x = relu(2.5, 5.5, -3.5); it adds 2 * relu(x - 1).
    expected = [[0.125 * 5.5, 54], [0.125 * 14.5, 144], [0, -1]]
    np.testing.assert_array_equal(ops.mel_resnet(packed, frames), [expected])


def test_a_frame_has_the_same_bits_everywhere(model: MelResnet, isa: str) -> None:
    """Alone, in any number of frames, in any row of a batch."""
    packed, frames = pack(model), model.frames(3, 21)
    whole = ops.mel_resnet(packed, frames).numpy()
    for row, first, count in ((0, 0, 1), (1, 20, 1), (2, 3, 8), (1, 1, 9), (0, 5, 16)):
        part = frames[row : row + 1, first : first + count + 2 * model.pad]
        given = ops.mel_resnet(packed, part)
        np.testing.assert_array_equal(given, whole[row : row + 1, first : first + count])


def test_only_its_own_frames_count(model: MelResnet) -> None:
    packed, frames = pack(model), model.frames(2, 19)
    other = frames.copy()
    other[1, 9] += 1
    changed = ops.mel_resnet(packed, other).numpy() != ops.mel_resnet(packed, frames).numpy()
    places = set(np.argwhere(changed.any(2))[:, 1])
    assert not changed[0].any()
    assert places
    assert places <= set(range(9 - 2 * model.pad, 10))


def test_in_a_function_and_a_session() -> None:
    model = MEL_RESNETS["plain"]
    weights, frames = model.weights(), model.frames(2, 9)

    def run(*given: Any) -> Any:
        return ops.mel_resnet(ops.mel_resnet_pack(given[1:], config=model.config), given[0])

    expected = run(frames, *weights)
    tensors = [tf.constant(part) for part in (frames, *weights)]
    np.testing.assert_array_equal(tf.function(run)(*tensors), expected)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        packed = tf.compat.v1.placeholder(tf.uint8, [None])
        fed = tf.compat.v1.placeholder(tf.float32, [2, 13, 3])
        outputs = ops.mel_resnet(packed, fed)
        assert outputs.shape.as_list() == [2, None, None]
        given = session.run(outputs, {packed: session.run(pack(model)), fed: frames})
    np.testing.assert_array_equal(given, expected)


def test_in_a_saved_model(tmp_path: Path) -> None:
    model = MEL_RESNETS["no pad"]
    module = tf.Module()
    module.packed = pack(model)
    module.run = tf.function(
        lambda frames: ops.mel_resnet(module.packed, frames),
        input_signature=[tf.TensorSpec([None, None, model.mel])],
    )
    tf.saved_model.save(module, str(tmp_path))
    frames = model.frames(2, 9)
    given = tf.saved_model.load(str(tmp_path)).run(frames)
    np.testing.assert_array_equal(given, ops.mel_resnet(module.packed, frames))


def test_one_packed_network_in_many_threads() -> None:
    model = MEL_RESNETS["wide"]
    packed = pack(model)
    run = tf.function(lambda frames: ops.mel_resnet(packed, frames))
    inputs = [tf.constant(model.frames(2, 40 + seed, seed)) for seed in range(12)]
    expected = [ops.mel_resnet(packed, frames).numpy() for frames in inputs]
    with ThreadPoolExecutor(8) as pool:
        for call in (run, lambda frames: ops.mel_resnet(packed, frames)):
            for given, other in zip(pool.map(call, inputs), expected, strict=True):
                np.testing.assert_array_equal(given, other)


def test_packed_networks_are_the_same_on_every_instruction_set(model: MelResnet, isa: str) -> None:
    packed = pack(model)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TFOPT_ISA")
        np.testing.assert_array_equal(pack(model), packed)


def test_too_few_frames() -> None:
    model = MEL_RESNETS["plain"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="frames: expected at least the 4"):
        ops.mel_resnet(pack(model), model.frames(2, 0)[:, :3])


@pytest.mark.parametrize("many", [2**31, 2**40, 2**58])
def test_sizes_beyond_all_memory(many: int) -> None:
    """Tensors of no values may claim any size."""
    model = MEL_RESNETS["plain"]
    for shape in ((0, many, model.mel), (many, 0, model.mel)):
        with pytest.raises(tf.errors.InvalidArgumentError, match="frames: expected"):
            ops.mel_resnet(pack(model), np.zeros(shape, np.float32))
