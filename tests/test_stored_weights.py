"""The bytes of weights that the cost of a sample counts, against those of packed models."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tfopt import pruning
from tfopt.model_kinds import Model
from tfopt.pruning.blocks import BLOCKS, prune_blocks
from tfopt.stored_weights import FLOAT32, StoredWeights, stored_weights
from tfopt.wavenet import cost as wavenet_cost
from tfopt.wavenet.packing import pack as pack_wavenet
from tfopt.wavenet.presets import PRESETS as WAVENETS
from tfopt.wavenet.random_weights import random_weights as wavenet_weights
from tfopt.wavernn import cost as wavernn_cost
from tfopt.wavernn.packing import pack as pack_wavernn
from tfopt.wavernn.presets import PRESETS as WAVERNNS
from tfopt.wavernn.random_weights import random_weights as wavernn_weights

PACK: dict[str, Any] = {"wavenet": pack_wavenet, "wavernn": pack_wavernn}
COST: dict[str, Any] = {"wavenet": wavenet_cost, "wavernn": wavernn_cost}


def make(kind: str) -> Model:
    config: Any = (WAVENETS if kind == "wavenet" else WAVERNNS)["small"]
    weights = wavenet_weights(config, 0) if kind == "wavenet" else wavernn_weights(config, 0)
    return Model(kind, {}, config, weights)


def pruned(model: Model, block: str, density: float = 0.1) -> Model:
    weights = {name: tensor.copy() for name, tensor in model.weights.items()}
    for matrix in pruning.step_matrices(model):
        tensor = weights[matrix.tensor]
        kept, _ = prune_blocks(tensor[matrix.part], matrix.groups, BLOCKS[block], density)
        tensor[matrix.part] = kept
    return replace(model, weights=weights)


def packed_bytes(model: Model, compute_type: str) -> int:
    return len(PACK[model.kind](model.config, model.weights, compute_type).numpy())


def matrix_bytes(model: Model, stored: StoredWeights) -> float:
    """Of all matrices that can be sparse."""
    places: dict[str, int] = {}
    total = 0.0
    for matrix in pruning.step_matrices(model):
        place = places.setdefault(matrix.tensor, 0)
        places[matrix.tensor] += 1
        size = model.weights[matrix.tensor][matrix.part].size
        total += stored.of(matrix.tensor, place) * size
    return total


def stored(model: Model, compute_type: str) -> StoredWeights:
    return stored_weights(model.weights, pruning.step_matrices(model), compute_type)


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize(
    ("compute_type", "block", "bytes_of_one"),
    [
        ("float32", "16x1", 4),
        ("bfloat16", "16x1", 2),
        ("int8", "8x4", 1),
    ],
)
def test_sparse_matrices_are_as_large_as_packed_ones(
    kind: str, compute_type: str, block: str, bytes_of_one: int
) -> None:
    dense = make(kind)
    sparse = pruned(dense, block)
    saved = packed_bytes(dense, compute_type) - packed_bytes(sparse, compute_type)
    found = matrix_bytes(dense, stored(dense, compute_type))
    found -= matrix_bytes(sparse, stored(sparse, compute_type))
    # A block's place takes two bytes more, and a row of blocks four.
    assert saved == pytest.approx(found, rel=0.07)
    size = matrix_bytes(dense, FLOAT32) / 4
    assert matrix_bytes(sparse, stored(sparse, compute_type)) == pytest.approx(
        0.1 * bytes_of_one * size, rel=0.02
    )


@pytest.mark.parametrize("kind", PACK)
def test_dense_matrices_have_the_bytes_of_their_type(kind: str) -> None:
    model = make(kind)
    assert stored(model, "float32") == FLOAT32
    for compute_type, dense in (("bfloat16", 2), ("int16", 2), ("int8", 1), ("int8_static", 1)):
        assert stored(model, compute_type) == StoredWeights(dense)
    # What mel rows are multiplied by cannot be sparse, and is stored in the type too.
    config: Any = model.config
    rest = 0 if kind == "wavenet" else 4 * config.rnn_channels * config.mel_channels
    saved = packed_bytes(model, "float32") - packed_bytes(model, "bfloat16")
    assert saved == pytest.approx(matrix_bytes(model, FLOAT32) / 2 + 2 * rest, rel=1e-3)


def test_int16_keeps_zeros_and_few_of_them_are_kept() -> None:
    model = make("wavenet")
    assert stored(pruned(model, "16x1"), "int16") == StoredWeights(2)
    assert stored(pruned(model, "16x1", density=0.6), "float32") == FLOAT32
    # Blocks of another shape are nearly all touched.
    assert stored(pruned(model, "16x1", density=0.4), "int8") == StoredWeights(1)


@pytest.mark.parametrize("kind", PACK)
def test_the_cost_of_a_sample_shrinks_by_what_is_not_stored(kind: str) -> None:
    dense, cost = make(kind), COST[kind]
    sparse = pruned(dense, "16x1")
    whole = cost.total(dense.config)
    left = cost.total(sparse.config, stored=stored(sparse, "float32"))
    assert (left.operations, left.parameters) == (whole.operations, whole.parameters)
    if kind == "wavenet":  # of which each matrix is read once
        saved = matrix_bytes(dense, FLOAT32) - matrix_bytes(sparse, stored(sparse, "float32"))
        assert whole.bytes - left.bytes == pytest.approx(saved)
    halves = cost.total(dense.config, stored=StoredWeights(2.0))
    assert whole.bytes / 2 < halves.bytes < 0.6 * whole.bytes
    assert left.bytes < 0.3 * whole.bytes
    parts = cost.modules(sparse.config, stored=stored(sparse, "float32"))
    assert sum(part.bytes_ahead for part in parts.values()) == pytest.approx(left.bytes_ahead)
