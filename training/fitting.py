"""Runs `model.fit` so that it can be stopped at any time and goes on where it was."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import keras

from training import checkpoints
from training.curves import NAME as CURVES
from training.curves import LearningCurves


class Data(Protocol):
    """A `keras.utils.PyDataset` whose batches depend on the epoch alone, not on those before it."""

    epoch: int


def fit(
    model: Any,
    data: Data,
    out: Path,
    *,
    epochs: int,
    validation: Any = None,
    callbacks: Sequence[Any] = (),
    fresh: bool = False,
) -> None:
    """Trains a model up to an epoch, from its last checkpoint if it has one.

    A run that is stopped and taken up again ends with the same weights as one that was not, as far as the
    backend computes the same twice. Afterwards the model holds the moving averages of its weights if its
    optimizer keeps them (`use_ema`), which are also what is validated.

    Args:
        model: A Keras model, built and compiled.
        data: What to train on.
        out: The folder of the run: its checkpoint (`checkpoint.safetensors`), `curves.csv` and `curves.png`.
        epochs: How many epochs the run has, those of earlier calls among them.
        validation: What to validate on after each epoch, as `model.fit` takes it.
        callbacks: Further callbacks; called before the ones that write, which see what they add to the logs.
        fresh: Start anew, whatever lies in `out`.

    Raises:
        ValueError: The checkpoint in `out` is damaged or of another model.
        OSError: `out` cannot be written to.
    """
    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / checkpoints.NAME
    done = 0 if fresh or not checkpoint.exists() else checkpoints.restore(checkpoint, model)
    averages = [keras.callbacks.SwapEMAWeights()] if model.optimizer.use_ema else []
    model.fit(
        data,
        initial_epoch=done,
        epochs=epochs,
        validation_data=validation,
        callbacks=[
            keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _: _begin(data, epoch)),
            *averages,
            *callbacks,
            LearningCurves(out / CURVES, done),
            checkpoints.Checkpoint(checkpoint),
        ],
        # A bar where somebody watches it; else a line for each epoch.
        verbose=1 if sys.stdout.isatty() else 2,
        shuffle=False,
    )


def _begin(data: Data, epoch: int) -> None:
    data.epoch = epoch
