"""How large a model is in a compute type, and how many of its weights are left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt.pack import container, sections


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
    parts = sections.of(kind, directory, compute_type)
    return Size(len(container.build(kind, parts)), len(parts["model"]))


def density(weights: Mapping[str, NDArray[Any]]) -> float:
    """The part of the weights that are not zero, of all tensors with two axes or more: of none but matrices.

    Biases, which pruning leaves alone, do not count.
    """
    matrices = [tensor for tensor in weights.values() if tensor.ndim > 1]
    total = sum(tensor.size for tensor in matrices)
    return sum(int(np.count_nonzero(tensor)) for tensor in matrices) / total
