"""What the commands of both vocoders do: from festvox-ru to a model directory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import keras
import numpy as np
from numpy.typing import NDArray

from tfopt import model_directory, wavenet, wavernn
from tfopt.evaluation import perceptual, recordings
from tfopt.ops import loading as ops_loading
from tfopt.pruning.matrices import StepMatrix
from training.pruning import gradual_pruning
from training.quantization import ROUNDINGS
from training.vocoders import card, comparison, corpus, griffin_lim, presets, recipe
from training.vocoders.recipe import Recipe
from training.vocoders.segments import Shape, Source
from training.vocoders.tensors import TensorModel

_SECONDS = 5.0  # of each recording that a finished model is compared with


@dataclass(frozen=True)
class Vocoder:
    """A vocoder to train.

    Attributes:
        kind: Of its model directory: `"wavenet"` or `"wavernn"`.
        config: Its settings.
        network: Makes it of config, seed, Keras policy, rounding and the tensors that are pruned.
        matrices: Lists the matrices of a config that can be sparse.
        shape: Of its batches.
        fed: Makes of classes what it is fed.
        steps: Batches of an epoch.
    """

    kind: str
    config: Any
    network: Callable[..., TensorModel]
    matrices: Callable[[Any], Sequence[StepMatrix]]
    shape: Shape
    fed: Callable[[NDArray[np.int32]], NDArray[Any]]
    steps: int


@dataclass(frozen=True)
class Run:
    """The options of a command, as `training.options` and `training.vocoders.options` describe them.

    `command` is what is typed to train the same model.
    """

    run: Path
    data: Path
    epochs: int
    seed: int
    fresh: bool
    out: Path
    snapshot: bool
    rate: float
    precision: str
    start: Path | None
    quantize: str
    density: float
    block: str
    compared: int
    command: str


def train(vocoder: Vocoder, options: Run) -> None:
    """Trains a vocoder, or takes its last checkpoint, and writes its model directory.

    Raises:
        ValueError: The checkpoint is damaged or of another model, `start` is a model of other settings, or
            `out` is somebody else's directory.
        ImportError: A library is missing that the finished model is compared with recordings by.
        OSError: The data could not be fetched, or something not be written.
    """
    model_directory.check_target(options.out, model_directory.CONFIG, replace=True)
    if options.compared:
        _check_comparing()
    keras.utils.set_random_seed(options.seed)
    matrices = vocoder.matrices(vocoder.config) if options.density < 1 else []
    model = vocoder.network(
        vocoder.config,
        options.seed,
        options.precision,
        ROUNDINGS[options.quantize],
        {matrix.tensor for matrix in matrices},
    )
    if options.start is not None:
        model.set_tensors(_start(vocoder, options.start))
    settings = Recipe(options.epochs, vocoder.steps, peak=options.rate)
    files = corpus.find(options.data)
    if options.snapshot:
        epochs = recipe.restore_averages(model, settings, options.run)
    else:
        recipe.train(
            model,
            settings,
            _source(vocoder, files.training),
            _source(vocoder, files.held_out),
            options.run,
            callbacks=gradual_pruning(matrices, options.block, options.density, options.epochs),
            seed=options.seed,
            fresh=options.fresh,
        )
        epochs = options.epochs
    samples = epochs * settings.steps * vocoder.shape.samples

    def write(scores: str) -> None:
        model_directory.write(
            options.out,
            kind=vocoder.kind,
            config=vocoder.config.to_dict(),
            weights=model.get_tensors(),
            card=card.text(vocoder.kind, options.command, samples, scores, files.notice),
            replace=True,
        )

    write("Not compared with recordings.")
    if options.compared:
        write(_scores(vocoder.kind, files.held_out[: options.compared], options))


def _check_comparing() -> None:
    """Raises ImportError if something is missing that is needed only at the end of a run."""
    perceptual.check()
    griffin_lim.check()
    try:
        ops_loading.load()
    except RuntimeError as error:
        raise ImportError(f"{error} (or train with --compared 0)") from error


def _scores(kind: str, paths: Sequence[Path], options: Run) -> str:
    """A table of what the model makes of recordings' frames, in the integers that it was trained for."""
    compute_type = "float32" if options.quantize == "none" else options.quantize
    package: Any = {"wavenet": wavenet, "wavernn": wavernn}[kind]
    net = package.load(options.out, compute_type=compute_type)
    read = recordings.read_all(paths, net.config, _SECONDS, str(options.out))

    def say(name: str, number: int, _: Any) -> None:
        if not number:
            click.echo(f"comparing {len(read)} held-out recordings: {name}", err=True)

    table = comparison.compare(read, {f"{card.NAMES[kind]}, {compute_type}": net}, say)
    text = comparison.markdown(table, f"{len(read)} held-out recordings, {_SECONDS:g} s of each")
    return f"{text}\n{card.OF_SCORES}"


def _start(vocoder: Vocoder, directory: Path) -> model_directory.Weights:
    """The weights of a model of the same settings."""
    settings = model_directory.read_config(directory, vocoder.kind)
    config = replace(type(vocoder.config).from_dict(settings, str(directory)), quantization=None)
    if config != vocoder.config:
        raise ValueError(f"start: expected a model of {vocoder.config}, got {directory}: {config}")
    return model_directory.read_weights(directory, config.shapes)


def _source(vocoder: Vocoder, paths: list[Path]) -> Source:
    read = [corpus.read(path, presets.FEATURES, presets.SAMPLE_RATE) for path in paths]
    return Source(read, vocoder.shape, vocoder.fed)
