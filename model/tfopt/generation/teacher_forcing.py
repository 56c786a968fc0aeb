"""Teacher forcing in pieces: what a backend is fed, one piece after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from tfopt.generation.arguments import Array
from tfopt.generation.pieces import CHUNK

Piece = TypeVar("Piece")


def outputs(
    shape: tuple[int, int, int],
    state: Any,
    take: Callable[[int], Piece | None],
    logits: Callable[[Any, int, Piece], tuple[Array, Any]],
) -> Array:
    """The outputs after each step.

    Args:
        shape: Their shape, [batch, time, outputs].
        state: The backend's, from which it starts.
        take: The conditioning of the next steps: of some, at most as many as it is given; enough for all.
        logits: Feeds a piece, given the state, the number of the piece's first step and its conditioning;
            gives the outputs after each of its steps, and the new state.

    Returns:
        float32 of that shape.
    """
    result, done = np.empty(shape, np.float32), 0
    time = shape[1]
    while done < time and (conditioning := take(min(CHUNK, time - done))) is not None:
        rows, state = logits(state, done, conditioning)
        result[:, done : done + rows.shape[1]] = rows
        done += rows.shape[1]
    return result
