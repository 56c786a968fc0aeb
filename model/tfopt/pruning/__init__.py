"""Magnitude pruning: a trained model with zeros in blocks, which the backend `native` leaves out.

    from pathlib import Path
    from tfopt.pruning import prune

    prune("my-wavernn", Path("my-wavernn-sparse"), density=0.1)

`blocks` prunes a matrix; `matrices` and a module for each network say which matrices there are. See
docs/reduced-precision.md for what becomes faster and what is lost.
"""

from __future__ import annotations

import numbers
import os
import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tfopt import model_directory, model_kinds, models
from tfopt.model_kinds import Model
from tfopt.pruning import card, g2p, wavenet, wavernn
from tfopt.pruning.blocks import BLOCKS, BlockCount, prune_blocks
from tfopt.pruning.matrices import StepMatrix
from tfopt.settings_checks import expect, expect_one_of

__all__ = ["BLOCKS", "BlockCount", "prune", "step_matrices"]

_STEP_MATRICES: dict[str, Callable[[Any], list[StepMatrix]]] = {
    "g2p": g2p.step_matrices,
    "wavenet": wavenet.step_matrices,
    "wavernn": wavernn.step_matrices,
}


def step_matrices(model: Model) -> list[StepMatrix]:
    """Lists the matrices of a model that can be sparse."""
    return _STEP_MATRICES[model.kind](model.config)


def prune(
    model: str | os.PathLike[str],
    out: Path,
    *,
    density: float,
    block: str = "16x1",
    layers: Sequence[str] = (),
    replace: bool = False,
) -> dict[str, BlockCount]:
    """Writes a model with the smallest blocks of its matrices set to zero.

    Every matrix is pruned by itself, to the same density. The new model has the config of the old one but for
    what `tfopt quantize` found out, which was of other weights; its card says what was pruned.

    Args:
        model: The name of an installed model, or a path to a model directory.
        out: The directory to write; complete under a temporary name first, then renamed.
        density: The part of each matrix's blocks to keep, above 0 and at most 1.
        block: `"16x1"` (outputs x inputs), as float32 and bfloat16 leave them out, or `"8x4"`, as int8 does.
        layers: Patterns of names of tensors, such as `"layers.*.skip.kernel"`; by default all that can be
            sparse.
        replace: Whether a model directory that exists may be replaced.

    Returns:
        For each pruned tensor, by name, the blocks of its matrices.

    Raises:
        ValueError: There is no such model, its files are damaged or its weights not finite, or an argument is
            not as said above.
        OSError: The directory cannot be written.
    """
    good = isinstance(density, numbers.Real) and not isinstance(density, bool) and 0 < density <= 1
    expect(good, "density", "a number above 0 and at most 1", density)
    expect_one_of("block", list(BLOCKS), block)
    model_directory.check_target(out, model_directory.CONFIG, replace=replace)
    directory = models.find(model)
    given = model_kinds.read(directory)
    said = model_directory.read_card(directory)

    counts: dict[str, BlockCount] = {}
    for matrix in _chosen(step_matrices(given), layers):
        tensor = given.weights[matrix.tensor]
        tensor[matrix.part], count = prune_blocks(
            tensor[matrix.part], matrix.groups, BLOCKS[block], density
        )
        counts[matrix.tensor] = counts.get(matrix.tensor, BlockCount(0, 0)) + count

    settings = {name: given.settings[name] for name in given.settings if name != "quantization"}
    model_directory.write(
        out,
        kind=given.kind,
        config=settings,
        weights=given.weights,
        card=f"{said.rstrip()}\n\n{card.section(counts, block, density)}",
        replace=replace,
    )
    return counts


def _chosen(matrices: list[StepMatrix], layers: Sequence[str]) -> list[StepMatrix]:
    """Those of tensors that a pattern fits; ValueError of a pattern that fits none."""
    names = {matrix.tensor for matrix in matrices}
    for pattern in layers:
        if not any(fnmatchcase(name, pattern) for name in names):
            kinds = sorted({re.sub(r"\d+", "*", name) for name in names})
            expect(False, "layers", f"patterns of names among {', '.join(kinds)}", pattern)
    if not layers:
        return matrices
    return [m for m in matrices if any(fnmatchcase(m.tensor, pattern) for pattern in layers)]
