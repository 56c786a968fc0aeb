"""How a vocoder is trained, whichever it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from training import checkpoints, fitting
from training.vocoders.likelihood import nats_per_sample
from training.vocoders.schedule import RiseStayFall
from training.vocoders.segments import Segments, Source, validation
from training.vocoders.tensors import TensorModel


@dataclass(frozen=True)
class Recipe:
    """The settings of a run.

    Attributes:
        epochs: Of the whole run.
        steps: Of an epoch, which is what is saved and validated after, not a pass over the data.
        validation_steps: Batches to validate on.
        peak: The highest learning rate.
        clip: The largest norm of a step's gradient.
    """

    epochs: int
    steps: int
    validation_steps: int = 16
    peak: float = 1e-3
    clip: float = 1.0


def compile_model(model: TensorModel, recipe: Recipe) -> None:
    """Gives a model its optimizer and loss."""
    # Averages over about an epoch: what is validated after the first ones is no longer where they began.
    kept = 1 - 1 / recipe.steps
    rate = RiseStayFall(recipe.peak, recipe.epochs * recipe.steps)
    model.compile(
        optimizer=keras.optimizers.Adam(
            rate, global_clipnorm=recipe.clip, use_ema=True, ema_momentum=kept
        ),
        loss=nats_per_sample,
        jit_compile=keras.backend.backend() == "jax",  # where there is no other way
    )


def train(
    model: TensorModel,
    recipe: Recipe,
    training: Source,
    held_out: Source,
    run: Path,
    *,
    callbacks: Sequence[Any] = (),
    seed: int,
    fresh: bool,
) -> None:
    """Trains a model, from its last checkpoint in `run` if it has one; it then holds the averaged weights."""
    compile_model(model, recipe)
    fitting.fit(
        model,
        Segments(training, recipe.steps, seed),
        run,
        epochs=recipe.epochs,
        validation=validation(held_out, recipe.validation_steps),
        callbacks=callbacks,
        fresh=fresh,
    )


def restore_averages(model: TensorModel, recipe: Recipe, run: Path) -> int:
    """Gives a model the averaged weights of the last checkpoint in `run`; returns its epochs."""
    compile_model(model, recipe)
    epochs = checkpoints.restore(run / checkpoints.NAME, model)
    optimizer: Any = model.optimizer
    optimizer.finalize_variable_values(model.trainable_variables)
    return epochs
