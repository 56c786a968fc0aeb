"""Puts a call's conditioning in its place in a cell (see `tfopt.generation.cells`)."""

from __future__ import annotations

import numpy as np

from tfopt.generation.cells import Cell
from tfopt.wavernn.backends.protocol import Array, Conditioning


def placed(
    conditioning: Conditioning, hop_length: int, cell: Cell
) -> tuple[Array, Array, np.int32]:
    """What the steps of a cell are conditioned on.

    Frames, too, have their places in a cell, however the audio is cut into calls; and there are as many for
    every cell, so that XLA compiles once.

    Returns:
        The mel bands, [blocks, BLOCK, batch, mel_channels]; aux of every frame that the cell can touch,
        [frames, batch, …], zeros where the call has none; the place of the cell's first step in the first of
        these frames.
    """
    first = (
        conditioning.offset + cell.offset
    )  # counted from the beginning of the call's first frame
    behind = first + cell.count
    given = conditioning.aux[:, first // hop_length : (behind - 1) // hop_length + 1]
    place = (first - cell.begin) % hop_length
    begin = (place + cell.begin) // hop_length
    frames = (hop_length - 1 + cell.size - 1) // hop_length + 1
    aux = np.zeros([frames, len(given), given.shape[2]], np.float32)
    aux[begin : begin + given.shape[1]] = np.moveaxis(given, 1, 0)
    return cell.place(conditioning.mels), aux, np.int32(place)
