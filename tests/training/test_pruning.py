"""What training prunes is what the engine leaves out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import random_weights, write_model
from keras import ops
from test_prune_packed import stored_blocks

from tfopt.pruning.g2p import step_matrices
from training.g2p import symbols
from training.g2p.network import AttentionGru
from training.pruning import BLOCKS, GradualPruning, scheduled_density

CONFIG = symbols.config(hidden=37)  # no block fits


def pruned(block: str, epochs: int) -> AttentionGru:
    matrices = step_matrices(CONFIG)
    model = AttentionGru(CONFIG, pruned={matrix.tensor for matrix in matrices})
    model.set_tensors(random_weights(CONFIG))
    callback = GradualPruning(matrices, BLOCKS[block], 0.3, epochs=3)
    callback.set_model(model)
    for epoch in range(epochs):
        callback.on_epoch_begin(epoch)
    return model


@pytest.mark.parametrize(("block", "compute_type"), [("16x1", "float32"), ("8x4", "int8")])
def test_zeros_fill_the_engines_blocks(tmp_path: Path, block: str, compute_type: str) -> None:
    model = write_model(tmp_path / "m", CONFIG, pruned(block, 3).get_tensors())
    blocks = stored_blocks(model, compute_type)
    assert blocks
    assert min(blocks) > 0, "a matrix is not sparse to the engine"


def test_what_is_zero_stays_zero() -> None:
    one, two = (pruned("16x1", epochs).get_tensors() for epochs in (1, 2))
    name = "decoder.recurrent_kernel"
    assert (two[name][one[name] == 0] == 0).all()
    assert 0 < (one[name] == 0).sum() < (two[name] == 0).sum()


def test_weights_below_a_mask_do_not_count() -> None:
    model = pruned("8x4", 3)
    inputs = {
        "graphemes": CONFIG.vocabulary.encode("cat")[np.newaxis],
        "phonemes": np.zeros((1, 2), np.int32),
    }
    whole = AttentionGru(CONFIG)
    whole.set_tensors(model.get_tensors())
    one, other = (ops.convert_to_numpy(network(inputs)) for network in (model, whole))
    np.testing.assert_array_equal(one, other)


def test_density_falls_along_a_cubic() -> None:
    densities = [scheduled_density(0.2, progress) for progress in (0.0, 0.5, 1.0, 2.0)]
    assert densities == pytest.approx([1.0, 0.3, 0.2, 0.2])
