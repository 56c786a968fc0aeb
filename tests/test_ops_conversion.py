"""Converted weights: how near each type is, where bits agree, and what zeros change.

Needs TensorFlow, NumPy and pytest alone, so that any TensorFlow can be tried.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pytest
import tensorflow as tf
from ops_checks import ISAS, assert_same, pack_g2p, pack_wavenet, pack_wavernn, zero_state
from ops_models import G2PS, WAVENETS, Wavenet
from ops_wavernn import WAVERNNS, Wavernn

from tfopt import ops

TYPES = ("bfloat16", "int16", "int8")
# How far outputs are from those of float32 at most, in their standard deviations: inputs and weights are
# rounded to 8, 12 and 7 bits, and a few layers pass that on.
NEAR = {"float32": 0.0, "bfloat16": 0.1, "int16": 0.01, "int8": 0.3}
BATCH, TIME = 3, 40


def pruned(weights: list[Any], rows: int, columns: int) -> list[Any]:
    """The same with most of the blocks of their last two axes set to zero."""
    random = np.random.default_rng(7)
    result = []
    for weight in weights:
        kept = weight.copy()
        if weight.ndim > 1:
            for place in np.ndindex(*weight.shape[:-2]):
                matrix = kept[place]
                for i in range(0, matrix.shape[0], rows):
                    for j in range(0, matrix.shape[1], columns):
                        if random.random() < 0.8:
                            matrix[i : i + rows, j : j + columns] = 0
        result.append(kept)
    return result


def wavenet_outputs(model: Wavenet, packed: Any, threads: int = 1) -> Any:
    inputs, samples = model.inputs(BATCH, TIME), model.feed(BATCH, TIME)
    given = samples, inputs["conditioning"], inputs["speaker"]
    logits, _ = ops.wavenet_logits(packed, zero_state(BATCH), *given, threads=threads)
    drawn, _ = ops.wavenet_generate(packed, zero_state(BATCH), **inputs, threads=threads)
    return logits.numpy(), drawn.numpy()


def wavernn_outputs(model: Wavernn, packed: Any, threads: int = 1) -> Any:
    inputs = model.inputs(BATCH, TIME)
    drawn, _ = ops.wavernn_generate(packed, zero_state(BATCH), **inputs, threads=threads)
    # What is fed does not depend on the type.
    samples, _ = ops.wavernn_generate(pack_wavernn(model), zero_state(BATCH), **inputs)
    fed, targets = model.feedback(samples), model.targets(samples)
    given = {name: inputs[name] for name in ("mels", "aux", "offset", "hop_length")}
    logits, _ = ops.wavernn_logits(
        packed, zero_state(BATCH), fed, targets, **given, threads=threads
    )
    return logits.numpy(), drawn.numpy()


MODELS: dict[str, tuple[Any, Any, Any]] = {
    **{f"wavenet {name}": (m, pack_wavenet, wavenet_outputs) for name, m in WAVENETS.items()},
    **{f"wavernn {name}": (m, pack_wavernn, wavernn_outputs) for name, m in WAVERNNS.items()},
}


@pytest.mark.parametrize("weight_type", ["float32", *TYPES])
@pytest.mark.parametrize("name", MODELS)
def test_outputs_are_near_those_of_float32(name: str, weight_type: str) -> None:
    model, pack, outputs = MODELS[name]
    expected, _ = outputs(model, pack(model))
    given, _ = outputs(model, ops.convert_weights(pack(model), weight_type=weight_type))
    assert np.abs(given - expected).max() <= NEAR[weight_type] * expected.std()


@pytest.mark.parametrize("name", MODELS)
def test_without_zeros_float32_is_what_it_was(name: str) -> None:
    model, pack, _ = MODELS[name]
    packed = pack(model)
    assert_same(ops.convert_weights(packed, weight_type="float32", most_density=1.0), packed)


@pytest.mark.parametrize("weight_type", ["int16", "int8"])
@pytest.mark.parametrize("name", MODELS)
def test_integers_have_the_same_sums_on_every_instruction_set(
    name: str, weight_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The converted weights are the same bytes.

    Activations between the layers differ in their last bits from set to set, which hardly ever becomes
    another integer, and then the next one.
    """
    model, pack, outputs = MODELS[name]
    made = []
    for isa in ISAS:
        monkeypatch.setenv("TFOPT_ISA", isa)
        packed = ops.convert_weights(pack(model), weight_type=weight_type, most_density=0.5)
        made.append((packed.numpy(), outputs(model, packed)[0]))
    for packed, logits in made[1:]:
        np.testing.assert_array_equal(packed, made[0][0])
        assert np.abs(logits - made[0][1]).max() <= 0.1 * NEAR[weight_type] * logits.std()


@pytest.mark.parametrize("threads", [2, 5])
@pytest.mark.parametrize("weight_type", TYPES)
@pytest.mark.parametrize("name", MODELS)
def test_threads_change_nothing(name: str, weight_type: str, threads: int) -> None:
    model, pack, outputs = MODELS[name]
    packed = ops.convert_weights(pack(model), weight_type=weight_type)
    assert_same(outputs(model, packed, threads), outputs(model, packed))


class _Pruned:
    """A model with zeros."""

    def __init__(self, model: Any, rows: int, columns: int) -> None:
        self._model, self._weights = model, pruned(model.weights(), rows, columns)

    def weights(self) -> list[Any]:
        return self._weights

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


@pytest.mark.parametrize(
    ("weight_type", "rows", "columns"), [("float32", 1, 16), ("bfloat16", 1, 16), ("int8", 4, 8)]
)
@pytest.mark.parametrize("name", MODELS)
def test_zeros_left_out_change_nothing(
    name: str, weight_type: str, rows: int, columns: int
) -> None:
    """Of integers no bit, of floats the order in which they are summed."""
    model, pack, outputs = MODELS[name]
    model = _Pruned(model, rows, columns)
    packed = pack(model)
    dense, sparse = (
        ops.convert_weights(packed, weight_type=weight_type, most_density=density)
        for density in (0.0, 1.0)
    )
    assert sparse.shape[0] != dense.shape[0]
    if weight_type == "int8":
        assert_same(outputs(model, sparse), outputs(model, dense))
    expected, given = (outputs(model, one)[0] for one in (dense, sparse))
    assert np.abs(given - expected).max() <= (0.02 if weight_type == "bfloat16" else 1e-4)


def test_most_density() -> None:
    """A matrix with more blocks than that stays as it is."""
    model = _Pruned(WAVENETS["no_biases"], 1, 16)
    packed = pack_wavenet(model)  # type: ignore[arg-type]
    sizes = [
        ops.convert_weights(packed, weight_type="float32", most_density=density).shape[0]
        for density in (0.0, 0.01, 0.5, 1.0)
    ]
    assert sizes[0] == packed.shape[0]
    assert sizes[1] == sizes[0]
    assert sizes[2] < sizes[1]
    assert sizes[3] <= sizes[2]


@pytest.mark.parametrize("name", G2PS)
def test_g2p(name: str) -> None:
    """Rounded weights change few phonemes, and neither threads nor the batch any."""
    model = G2PS[name]
    ids, lengths = model.words(100, 7)
    expected = ops.g2p_decode(pack_g2p(model), ids, lengths).numpy()
    for weight_type, most in (("bfloat16", 0.1), ("int16", 0.02), ("int8", 0.3)):
        packed = ops.convert_weights(pack_g2p(model), weight_type=weight_type)
        given = ops.g2p_decode(packed, ids, lengths).numpy()
        assert (given != expected).any(axis=1).mean() <= most
        assert_same(ops.g2p_decode(packed, ids, lengths, threads=3), given)
        for row in range(3):
            one = slice(row, row + 1)
            assert_same(ops.g2p_decode(packed, ids[one], lengths[one]), given[one])


def test_input_scales_saturate() -> None:
    """With steps so small that all inputs end at the largest integer, outputs are no longer near."""
    model = WAVENETS["one_hot"]
    expected, _ = wavenet_outputs(model, pack_wavenet(model))
    matrices = matrices_of(pack_wavenet(model))
    packed = [
        ops.convert_weights(
            pack_wavenet(model),
            weight_type="int8",
            input_scales=np.full(matrices, scale, np.float32),
        )
        for scale in (0.0, 8 / 127, 1e-4)
    ]
    given = [wavenet_outputs(model, one)[0] for one in packed]
    dynamic = ops.convert_weights(pack_wavenet(model), weight_type="int8")
    assert_same(given[0], wavenet_outputs(model, dynamic)[0])
    errors = [np.abs(one - expected).mean() / expected.std() for one in given]
    assert errors[0] < 0.1
    assert errors[1] < 0.5 < errors[2]


def matrices_of(packed: Any) -> int:
    """How many scales a packed model wants, as the error about too many says."""
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        ops.convert_weights(packed, weight_type="int8", input_scales=np.zeros(10_000, np.float32))
    return int(caught.value.message.partition("one for each of ")[2].split()[0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weight_type": "float32", "input_scales": [1.0]}, "input_scales: expected none"),
        ({"weight_type": "bfloat16", "input_scales": [1.0]}, "input_scales: expected none"),
        ({"packed": "converted"}, "packed: expected dense weights of float32"),
        ({"packed": "matrix"}, "packed: expected a packed wavenet, wavernn or g2p"),
    ],
)
def test_what_cannot_be_converted(changes: dict[str, Any], message: str) -> None:
    model = WAVENETS["one_hot"]
    kinds = {
        "converted": lambda: ops.convert_weights(pack_wavenet(model), weight_type="int8"),
        "matrix": lambda: ops.pack_matrix(np.ones((3, 3), np.float32)),
    }
    packed = kinds[changes["packed"]]() if "packed" in changes else pack_wavenet(model)
    call = {"weight_type": "int8", **changes, "packed": packed}
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        ops.convert_weights(**call)
