"""How large a model is in a compute type, and how many of its weights are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfopt.model_directory import Weights
from tfopt.pruning.matrices import StepMatrix


@dataclass(frozen=True)
class Size:
    """The size of a packed model.

    Attributes:
        file_bytes: Of the file that `tfopt pack` writes.
        memory_bytes: Of the packed weights, from which the backend `native` computes every step.
    """

    file_bytes: int
    memory_bytes: int


def of(kind: str, directory: Path, compute_type: str) -> Size:
    """The size of a model.

    Args:
        kind: As in its config.json.
        directory: The model directory.
        compute_type: As `tfopt pack` takes it.

    Raises:
        ValueError: The model's files are damaged, or it has no such compute type.
    """
    from tfopt.pack import container, sections  # imports TensorFlow

    parts = sections.of(kind, directory, compute_type)
    return Size(len(container.build(kind, parts)), len(parts["model"]))


def density(weights: Weights, matrices: Sequence[StepMatrix]) -> float:
    """The part of the weights that are not zero, of the matrices that a step multiplies.

    Args:
        weights: Of the model.
        matrices: What `tfopt prune` would prune of it.
    """
    parts = [weights[matrix.tensor][matrix.part] for matrix in matrices]
    kept = sum(int(np.count_nonzero(part)) for part in parts)
    return kept / sum(int(part.size) for part in parts)
