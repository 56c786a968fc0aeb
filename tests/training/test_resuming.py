"""A run that is stopped and taken up again ends with the weights of one that was not."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

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


def train(out: Path, epochs: int, *, fresh: bool = False) -> AttentionGru:
    keras.utils.set_random_seed(1)
    data = Batches(LISTED, CONFIG, 2, seed=1, unknown=0.1)
    model = AttentionGru(CONFIG, dropout=0.2, seed=1)
    compile_model(model, 4 * len(data), rate=0.01, smoothing=0.1)
    validation = Batches(LISTED, CONFIG, 2, seed=1)
    callbacks = [WordErrors(LISTED, CONFIG)]
    fit(model, data, out, epochs=epochs, validation=validation, callbacks=callbacks, fresh=fresh)
    return model


def test_equal_weights_and_curves(tmp_path: Path) -> None:
    whole = train(tmp_path / "whole", 4).get_tensors()
    train(tmp_path / "parts", 2)
    parts = train(tmp_path / "parts", 4).get_tensors()
    for name, tensor in whole.items():
        np.testing.assert_array_equal(parts[name], tensor, err_msg=name)
    rows, others = (curves.read(tmp_path / part / curves.NAME) for part in ("whole", "parts"))
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4]
    assert {"loss", "val_loss", "learning_rate", NAME} <= set(rows[0])
    for row, other in zip(rows, others, strict=True):
        assert {**row, "seconds": 0} == {**other, "seconds": 0}
    assert (tmp_path / "parts" / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_fresh_starts_anew(tmp_path: Path) -> None:
    first = train(tmp_path, 1).get_tensors()
    again = train(tmp_path, 1, fresh=True).get_tensors()
    assert len(curves.read(tmp_path / curves.NAME)) == 1
    np.testing.assert_array_equal(again["output.kernel"], first["output.kernel"])


def test_checkpoint_of_another_model_is_refused(tmp_path: Path) -> None:
    train(tmp_path, 1)
    model = AttentionGru(symbols.config(hidden=9), dropout=0.2)
    compile_model(model, 10, rate=0.01, smoothing=0.1)
    with pytest.raises(ValueError, match=r"checkpoint\.safetensors: .*expected \[.*--fresh"):
        checkpoints.restore(tmp_path / checkpoints.NAME, model)


def test_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    train(tmp_path, 1)
    path = tmp_path / checkpoints.NAME
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"checkpoint\.safetensors: not a checkpoint"):
        train(tmp_path, 2)
