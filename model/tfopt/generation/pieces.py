"""Audio in pieces: how long they are at most, and pieces of a size."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tfopt.generation.arguments import Array

# Samples that a backend is asked for at once: bounds the memory for conditioning and random numbers.
CHUNK = 4096


def regrouped(parts: Iterator[Array], size: int) -> Iterator[Array]:
    """The same audio, [batch, time], in parts of `size` samples; the last one may be shorter."""
    held: list[Array] = []
    count = 0  # samples held
    for part in parts:
        held.append(part)
        count += part.shape[1]
        while count >= size:
            joined = np.concatenate(held, axis=1)
            yield joined[:, :size]
            held, count = [joined[:, size:]], count - size
    if count:
        yield np.concatenate(held, axis=1)
