"""`python -m training g2p`: from CMUdict to a model directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import keras

from tfopt import files
from tfopt.g2p import config as tfopt_g2p
from tfopt.pruning.g2p import step_matrices
from training import options
from training.fitting import fit
from training.g2p import dictionary, symbols
from training.g2p.batches import Batches
from training.g2p.exporting import export
from training.g2p.network import AttentionGru
from training.g2p.word_errors import WordErrors
from training.pruning import gradual_pruning
from training.quantization import ROUNDINGS

_WARM_UP = 1000  # steps


@click.command(
    epilog="Examples: python -m training g2p; python -m training g2p --start build/training/g2p/model "
    "--quantize int8 --run build/training/g2p-int8 --epochs 5 --rate 0.0003"
)
@options.run_options("g2p", epochs=40)
@options.compression_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="The model directory to write.  [default: model in the run's folder]",
)
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
@click.pass_context
def command(
    context: click.Context,
    run: Path,
    data: Path,
    epochs: int,
    seed: int,
    fresh: bool,
    start: Path | None,
    quantize: str,
    density: float,
    block: str,
    out: Path | None,
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
    tensors = None
    if start is not None:
        config, tensors = tfopt_g2p.read(start)
    matrices = step_matrices(config) if density < 1 else []
    model = AttentionGru(
        config,
        dropout=dropout,
        rounding=ROUNDINGS[quantize],
        pruned={matrix.tensor for matrix in matrices},
        seed=seed,
    )
    if tensors is not None:
        model.set_tensors(tensors)
    pruning = gradual_pruning(matrices, block, density, epochs)
    callbacks: list[Any] = [WordErrors(words.validation, config), *pruning]
    batches = Batches(words.training, config, batch, seed=seed, unknown=0.01)
    compile_model(model, epochs * len(batches), rate=rate, smoothing=smoothing)
    fit(
        model,
        batches,
        run,
        epochs=epochs,
        validation=Batches(words.validation, config, batch, seed=seed),
        callbacks=callbacks,
        fresh=fresh,
    )
    with files.writing_text(run / "held_out.dict") as file:
        file.write(dictionary.text(words.held_out))
    export(
        config,
        model.get_tensors(),
        out or run / "model",
        command=options.spoken(context),
        trained=len(words.training),
        validated=len(words.validation),
        held_out=words.held_out,
        notice=words.notice,
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
