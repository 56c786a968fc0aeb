"""Setting the smallest blocks of a matrix to zero.

Blocks are ranked by their L2 norm. For inputs that are uncorrelated and of equal power, what zeroing blocks
adds to the outputs' squared error is the sum of their weights' squares: no other choice of as many blocks
costs less. Magnitude pruning in blocks is Narang et al.'s (2017, "Block-Sparse Recurrent Neural Networks"),
who rank a block by its largest weight; of a WaveRNN, with blocks of 16x1 among others, Kalchbrenner et al.'s
(2018, "Efficient Neural Audio Synthesis").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Block:
    """The size of a block, in outputs and inputs."""

    outputs: int
    inputs: int


# As the engine stores them (custom_ops/engine/kernels/weights.h): of float32 and bfloat16, and of int8.
BLOCKS = {"16x1": Block(16, 1), "8x4": Block(8, 4)}


@dataclass(frozen=True)
class BlockCount:
    """How many blocks a matrix has, and how many of them hold a weight that is not zero."""

    all: int
    kept: int

    def __add__(self, other: BlockCount) -> BlockCount:
        return BlockCount(self.all + other.all, self.kept + other.kept)

    @property
    def density(self) -> float:
        """The part of the blocks that is kept."""
        return self.kept / self.all


def prune_blocks(
    kernel: Array, groups: int, block: Block, density: float
) -> tuple[Array, BlockCount]:
    """Sets all blocks of a kernel but the largest to zero.

    Args:
        kernel: [inputs, outputs].
        groups: The outputs are so many vectors of equal width, each of which begins a block. What is left of
            a vector, or of the inputs, is a block though it is smaller: it costs a step as much as a whole
            one does.
        block: The size of the blocks.
        density: The part of the blocks to keep, above 0 and at most 1; rounded to whole blocks, at least one.

    Returns:
        A kernel of the same shape, and its blocks.
    """
    blocks = _in_blocks(kernel, groups, block)
    powers = np.square(blocks).sum((1, 4))  # [rows of blocks, groups, blocks of a group]
    count = max(1, round(density * powers.size))
    largest = np.argsort(-powers, axis=None, kind="stable")[:count]
    keep = np.zeros(powers.shape, bool)
    keep.flat[largest] = True
    kept = BlockCount(powers.size, int((keep & blocks.any((1, 4))).sum()))
    inputs, outputs = kernel.shape
    width = outputs // groups
    weights = keep.repeat(block.inputs, 0)[:inputs].repeat(block.outputs, 2)[:, :, :width]
    return np.where(weights.reshape(inputs, outputs), kernel, np.float32(0)), kept


def count_blocks(kernel: Array, groups: int, block: Block) -> BlockCount:
    """Counts the blocks of a kernel, and those that hold a weight that is not zero.

    The arguments are those of `prune_blocks`.
    """
    held = _in_blocks(kernel, groups, block).any((1, 4))
    return BlockCount(held.size, int(held.sum()))


def _in_blocks(kernel: Array, groups: int, block: Block) -> NDArray[np.float64]:
    """The weights as [rows of blocks, inputs of a block, groups, blocks of a group, outputs of a block]."""
    inputs, outputs = kernel.shape
    width = outputs // groups
    padded = np.pad(
        kernel.reshape(inputs, groups, width).astype(np.float64),
        ((0, -inputs % block.inputs), (0, 0), (0, -width % block.outputs)),
    )
    return padded.reshape((len(padded) // block.inputs, block.inputs, groups, -1, block.outputs))
