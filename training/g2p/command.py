"""`python -m training g2p`: from CMUdict to a model directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import keras

from training import options
from training.fitting import fit
from training.g2p import dictionary, symbols
from training.g2p.batches import Batches
from training.g2p.network import AttentionGru
from training.g2p.word_errors import WordErrors

_WARM_UP = 1000  # steps


@click.command(epilog="Example: python -m training g2p --out build/training/g2p/model")
@options.run_options("g2p", epochs=40)
@click.option("--hidden", default=192, show_default=True, help="Width of all states.")
@click.option("--batch", default=256, show_default=True, help="Pairs in a batch.")
@click.option("--rate", default=2e-3, show_default=True, help="The highest learning rate.")
@click.option("--dropout", default=0.1, show_default=True, help="The part of a state left out.")
@click.option("--smoothing", default=0.1, show_default=True, help="Of the targets.")
@click.option(
    "--precision",
    type=click.Choice(["float32", "mixed_bfloat16"]),
    default="float32",
    show_default=True,
    help="What products are computed in; weights are float32.",
)
def command(
    run: Path,
    data: Path,
    epochs: int,
    seed: int,
    fresh: bool,
    hidden: int,
    batch: int,
    rate: float,
    dropout: float,
    smoothing: float,
    precision: str,
) -> None:
    """Train a grapheme-to-phoneme model on CMUdict."""
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy(precision)
    words = dictionary.read(data)
    config = symbols.config(hidden)
    batches = Batches(words.training, config, batch, seed=seed, unknown=0.01)
    model = AttentionGru(config, dropout=dropout, seed=seed)
    steps = epochs * len(batches)
    compile_model(model, steps, rate=rate, smoothing=smoothing)
    fit(
        model,
        batches,
        run,
        epochs=epochs,
        validation=Batches(words.validation, config, batch, seed=seed),
        callbacks=[WordErrors(words.validation, config)],
        fresh=fresh,
    )


def compile_model(model: Any, steps: int, *, rate: float, smoothing: float) -> None:
    """AdamW under a cosine that is warmed up, with moving averages of the weights."""
    warm_up = min(_WARM_UP, steps // 10)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, steps - warm_up, alpha=0.01, warmup_target=rate, warmup_steps=warm_up
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(
            schedule, weight_decay=0.01, global_clipnorm=1.0, use_ema=True, ema_momentum=0.998
        ),
        loss=keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=smoothing, reduction="mean_with_sample_weight"
        ),
        weighted_metrics=["categorical_accuracy"],
        # Compiling whole steps takes minutes for the shapes of an epoch, and gains nothing on CPUs; on JAX
        # there is no other way.
        jit_compile=keras.backend.backend() == "jax",
    )
