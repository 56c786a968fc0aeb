"""What a sample costs on rungs that do not read all weights in float32."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tfopt import model_kinds, pruning
from tfopt.profiler import rung_names
from tfopt.roofline import Work
from tfopt.stored_weights import FLOAT32, StoredWeights, stored_weights


def stored(directory: Path, compute_type: str) -> StoredWeights:
    """Returns the bytes that `native` keeps of a model's weights; ValueError if its files are damaged."""
    model = model_kinds.read(directory)
    return stored_weights(model.weights, pruning.step_matrices(model), compute_type)


def of_rungs(
    directory: Path, rungs: Sequence[str], work: Callable[[StoredWeights], Work]
) -> dict[str, Work]:
    """Returns what a sample costs on those rungs where it is not what dense float32 costs.

    Args:
        directory: of the model.
        rungs: by name.
        work: what it costs with such weights.
    """
    found = {}
    for rung in rungs:
        backend, compute_type = rung_names.split(rung)
        if backend == "native" and (kept := stored(directory, compute_type)) != FLOAT32:
            found[rung] = work(kept)
    return found
