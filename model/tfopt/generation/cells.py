"""Cuts a call into pieces of one size, for graphs that are made for one size.

Cells stand on a grid of absolute time; a call fills a part of a cell or several cells. So XLA compiles once
for all lengths, and a step's place in its cell does not depend on how the audio is cut into calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tfopt.generation.arguments import Array
from tfopt.generation.loops import BLOCK

CELL = 16 * BLOCK  # steps


@dataclass(frozen=True)
class Cell:
    """A part of a call.

    Attributes:
        offset: Where it begins in the call's arrays.
        begin: Where it begins in its cell.
        count: Its length in steps.
        size: The cell's, a multiple of BLOCK.
        time: The absolute time at which the cell begins.
    """

    offset: int
    begin: int
    count: int
    size: int
    time: int

    def forced(self, samples: Array) -> int:
        """The step of the cell before which the samples are forced, given all that are."""
        forced: int = min(max(samples.shape[1] - self.offset, 0), self.count)
        return self.begin + forced

    @property
    def end(self) -> int:
        """Where it ends in its cell."""
        return self.begin + self.count

    def place(self, rows: Array) -> Array:
        """This part of [batch, time, …] in its place in the cell: [size / BLOCK, BLOCK, batch, …]."""
        part = np.moveaxis(rows[:, self.offset : self.offset + self.count], 1, 0)
        cell = np.zeros((self.size, *part.shape[1:]), np.float32)
        cell[self.begin : self.begin + len(part)] = part
        return cell.reshape(self.size // BLOCK, BLOCK, *part.shape[1:])


def cells(time: int, steps: int, size: int = CELL) -> Iterator[Cell]:
    """The cells of a call of `steps` steps that begins at an absolute time."""
    offset = 0
    while offset < steps:
        begin = (time + offset) % size
        count = min(size - begin, steps - offset)
        yield Cell(offset, begin, count, size, time + offset - begin)
        offset += count
