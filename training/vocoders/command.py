"""What the commands of both vocoders do: from festvox-ru to a model directory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tfopt import model_directory
from training.vocoders import card, corpus, presets, recipe
from training.vocoders.recipe import Recipe
from training.vocoders.segments import Shape, Source
from training.vocoders.tensors import TensorModel


@dataclass(frozen=True)
class Vocoder:
    """A vocoder to train.

    Attributes:
        kind: Of its model directory: `"wavenet"` or `"wavernn"`.
        config: Its settings.
        make: Makes the network of a seed and a Keras policy.
        shape: Of its batches.
        fed: Makes of classes what it is fed.
        steps: Batches of an epoch.
    """

    kind: str
    config: Any
    make: Callable[[int, str], TensorModel]
    shape: Shape
    fed: Callable[[NDArray[np.int32]], NDArray[Any]]
    steps: int


@dataclass(frozen=True)
class Run:
    """The options of a command, as `training.options` and `training.vocoders.options` describe them."""

    run: Path
    data: Path
    epochs: int
    seed: int
    fresh: bool
    out: Path
    snapshot: bool
    precision: str


def train(vocoder: Vocoder, options: Run) -> None:
    """Trains a vocoder, or takes its last checkpoint, and writes its model directory.

    Raises:
        ValueError: The checkpoint is damaged or of another model, or `out` is somebody else's directory.
        OSError: The data could not be fetched, or something not be written.
    """
    model_directory.check_target(options.out, model_directory.CONFIG, replace=True)
    keras.utils.set_random_seed(options.seed)
    model = vocoder.make(options.seed, options.precision)
    settings = Recipe(options.epochs, vocoder.steps)
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
            seed=options.seed,
            fresh=options.fresh,
        )
        epochs = options.epochs
    samples = epochs * settings.steps * vocoder.shape.samples
    model_directory.write(
        options.out,
        kind=vocoder.kind,
        config=vocoder.config.to_dict(),
        weights=model.tensors(),
        card=card.text(vocoder.kind, samples, files.notice),
        replace=True,
    )


def _source(vocoder: Vocoder, paths: list[Path]) -> Source:
    read = [corpus.read(path, presets.FEATURES, presets.SAMPLE_RATE) for path in paths]
    return Source(read, vocoder.shape, vocoder.fed)
