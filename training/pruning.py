"""Gradual pruning: from epoch to epoch more blocks of a model's matrices are held at zero.

Blocks are chosen as `tfopt prune` chooses them, by their norm, in each matrix by itself; but few at a time,
while the others are trained to make up for them. The density falls along a cubic (Zhu and Gupta 2017, "To
Prune, or Not to Prune"): fast as long as many blocks are left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from tfopt.pruning.blocks import BLOCKS, Block, prune_blocks
from tfopt.pruning.matrices import StepMatrix

__all__ = [
    "BLOCKS",
    "GradualPruning",
    "Maskable",
    "gradual_pruning",
    "masks",
    "scheduled_density",
]

_PRUNED_BY = 0.6  # of the epochs; in the others the blocks that are left are trained alone


class Maskable(Protocol):
    """A model that can be pruned.

    Attributes:
        masks: By tfopt's name of a tensor a variable of its shape, which is not trained: 0 where the model is
            to take the tensor for zero, else 1.
    """

    masks: Mapping[str, Any]

    def get_tensors(self) -> dict[str, NDArray[np.float32]]:
        """The tensors by tfopt's names, zero where the masks are."""
        ...


class GradualPruning(keras.callbacks.Callback):
    """Sets the masks of a model before each epoch; what is zero stays zero.

    Its model is `Maskable`.
    """

    def __init__(
        self, matrices: Sequence[StepMatrix], block: Block, density: float, epochs: int
    ) -> None:
        """Prunes matrices down to a density, which is reached after so many epochs."""
        super().__init__()
        self._matrices, self._block = matrices, block
        self._density, self._epochs = density, epochs

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Chooses the blocks of this epoch."""
        density = scheduled_density(self._density, (epoch + 1) / self._epochs)
        chosen = masks(self.model.get_tensors(), self._matrices, self._block, density)
        for name, mask in chosen.items():
            self.model.masks[name].assign(mask)
        self._reached = density

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Adds the density to the epoch's figures."""
        if logs is not None:
            logs["density"] = self._reached


def gradual_pruning(
    matrices: Sequence[StepMatrix], block: str, density: float, epochs: int
) -> list[GradualPruning]:
    """The callbacks that prune a model in a run of so many epochs; none if there are no matrices."""
    if not matrices:
        return []
    return [GradualPruning(matrices, BLOCKS[block], density, max(1, round(epochs * _PRUNED_BY)))]


def scheduled_density(density: float, progress: float) -> float:
    """The density at this part of the way, from 1 at 0 to `density` at 1 and beyond."""
    return density + (1 - density) * (1 - min(progress, 1.0)) ** 3


def masks(
    tensors: Mapping[str, NDArray[np.float32]],
    matrices: Sequence[StepMatrix],
    block: Block,
    density: float,
) -> dict[str, NDArray[np.float32]]:
    """1 where a block is kept, for each tensor that has one of these matrices.

    Args:
        tensors: The weights, by name.
        matrices: Parts of them, each of which is pruned by itself.
        block: The size of the blocks.
        density: The part of each matrix's blocks to keep.
    """
    chosen: dict[str, NDArray[np.float32]] = {}
    for matrix in matrices:
        tensor = tensors[matrix.tensor]
        mask = chosen.setdefault(matrix.tensor, np.ones_like(tensor))
        pruned, _ = prune_blocks(tensor[matrix.part], matrix.groups, block, density)
        mask[matrix.part] = pruned != 0
    return chosen
