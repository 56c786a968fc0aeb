"""A run that is stopped and taken up again ends with the weights of one that was not."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from tfopt import model_directory
from training import checkpoints, curves
from training.fitting import fit
from training.g2p import symbols
from training.g2p.batches import Batches
from training.g2p.command import compile_model
from training.g2p.network import AttentionGru
from training.g2p.word_errors import NAME, WordErrors

LISTED = {
    "cat": [["K", "AE1", "T"]],
    "cats": [["K", "AE1", "T", "S"]],
    "don't": [["D", "OW1", "N", "T"]],
    "either": [["IY1", "DH", "ER0"], ["AY1", "DH", "ER0"]],
    "tomato": [["T", "AH0", "M", "EY1", "T", "OW2"], ["T", "AH0", "M", "AA1", "T", "OW2"]],
}
CONFIG = symbols.config(hidden=8)


def compiled(hidden: int = 8) -> AttentionGru:
    keras.utils.set_random_seed(1)
    model = AttentionGru(symbols.config(hidden), dropout=0.2, seed=1)
    compile_model(model, steps=10, rate=0.01, smoothing=0.1)
    return model


def train(out: Path, epochs: int, *, fresh: bool = False) -> model_directory.Weights:
    model = compiled()
    fit(
        model,
        Batches(LISTED, CONFIG, 2, seed=1, unknown=0.1),
        out,
        epochs=epochs,
        validation=Batches(LISTED, CONFIG, 2, seed=1),
        callbacks=[WordErrors(LISTED, CONFIG)],
        fresh=fresh,
    )
    return model.get_tensors()


def test_equal_weights_and_curves(tmp_path: Path) -> None:
    whole = train(tmp_path / "whole", 2)
    train(tmp_path / "parts", 1)
    parts = train(tmp_path / "parts", 2)
    for name, tensor in whole.items():
        np.testing.assert_array_equal(parts[name], tensor, err_msg=name)
    rows, others = (curves.read(tmp_path / part / curves.NAME) for part in ("whole", "parts"))
    assert [row["epoch"] for row in rows] == [1, 2]
    assert {"loss", "val_loss", "learning_rate", NAME} <= set(rows[0])
    for row, other in zip(rows, others, strict=True):
        assert {**row, "seconds": 0} == {**other, "seconds": 0}
    assert (tmp_path / "parts" / "curves.png").read_bytes().startswith(b"\x89PNG")

    # A finished run trains no more, and ends as it did.
    np.testing.assert_array_equal(
        train(tmp_path / "parts", 2)["output.kernel"], parts["output.kernel"]
    )

    train(tmp_path / "parts", 1, fresh=True)
    (row,) = curves.read(tmp_path / "parts" / curves.NAME)
    assert {**row, "seconds": 0} == {**rows[0], "seconds": 0}


def test_checkpoint_of_another_model_is_refused(tmp_path: Path) -> None:
    checkpoints.write(tmp_path / "c", compiled(), 1)
    with pytest.raises(ValueError, match=r"/c: .*: expected \[.*--fresh"):
        checkpoints.restore(tmp_path / "c", compiled(hidden=9))


def test_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c"
    checkpoints.write(path, compiled(), 1)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"/c: not a checkpoint"):
        checkpoints.restore(path, compiled())
