"""A training run on disk: all that the next epoch depends on, in one file that is replaced as a whole.

`keras.callbacks.BackupAndRestore` writes weights and epoch to two files, so a run that is killed between them
comes back with one epoch's weights and another's number.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from tfopt import files

NAME = "checkpoint.safetensors"
_EPOCH = "epochs"


class Checkpoint(keras.callbacks.Callback):
    """Saves a run at the end of each epoch."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Saves it."""
        write(self._path, self.model, epoch + 1)


def write(path: Path, model: Any, epochs: int) -> None:
    """Writes weights, states of random generators, the optimizer's moments and moving averages.

    Args:
        path: The file.
        model: A compiled Keras model whose variables exist.
        epochs: How many epochs it was trained for.
    """
    tensors = {
        name: np.array(keras.ops.convert_to_numpy(keras.ops.copy(variable)), order="C")
        for name, variable in _variables(model).items()
    }
    with files.writing(path) as file:
        file.write(save(tensors, metadata={_EPOCH: str(epochs)}))


def restore(path: Path, model: Any) -> int:
    """Puts a run back into a model that is built and compiled as the one that was saved.

    Returns:
        How many epochs it was trained for.

    Raises:
        ValueError: The file is damaged, or is of another model or optimizer.
    """
    variables = _variables(model)
    try:
        with safe_open(path, framework="numpy") as file:
            if set(file.keys()) != set(variables):
                raise ValueError(
                    f"{path}: a checkpoint of another model or optimizer; "
                    f"continue with the settings it was made with, or start anew with --fresh"
                )
            epochs = int((file.metadata() or {})[_EPOCH])
            values = {name: file.get_tensor(name) for name in variables}
    except (SafetensorError, KeyError) as error:
        raise ValueError(f"{path}: not a checkpoint: {error}") from error
    for name, variable in variables.items():
        if values[name].shape != tuple(variable.shape):
            raise ValueError(
                f"{path}: {name}: expected {list(variable.shape)}, got {list(values[name].shape)}; "
                f"continue with the settings it was made with, or start anew with --fresh"
            )
    for name, variable in variables.items():
        variable.assign(values[name])
    return epochs


def _variables(model: Any) -> dict[str, Any]:
    """By place and name: names alone need not differ. Metrics start anew with each epoch."""
    model.optimizer.build(model.trainable_variables)
    metrics = {id(variable) for variable in model.metrics_variables}
    states = [v for v in model.variables if id(v) not in metrics]
    return {
        f"{kind}.{place}.{variable.name}": variable
        for kind, variables in (("model", states), ("optimizer", model.optimizer.variables))
        for place, variable in enumerate(variables)
    }
