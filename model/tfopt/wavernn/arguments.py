"""Checks what users pass to a WaveRNN, and brings it into the shapes that the backends want."""

from __future__ import annotations

from typing import Any

import numpy as np

from tfopt.generation.arguments import Array, Batch, array, floats
from tfopt.wavernn.backends.protocol import Classes
from tfopt.wavernn.config import WavernnConfig


def fed(config: WavernnConfig, batch: Batch, value: Any) -> Array:
    """The argument `fed` of `logits`, as [batch, time, fed_back]."""
    rows = floats("fed", value)
    numbers = config.fed_back
    if numbers == 1 and (rows.ndim < 3 or rows.shape[2] != 1):
        rows = rows[..., np.newaxis]
    if rows.ndim == 2:
        rows = rows[np.newaxis]
    if rows.ndim != 3 or rows.shape[2] != numbers or not len(rows):
        expected = "[batch, time] or [time]"
        if numbers > 1:
            expected = f"[batch, time, {numbers}] or [time, {numbers}]"
        raise ValueError(f"fed: expected {expected}, got {list(np.shape(value))}")
    if rows.size and np.abs(rows).max() > 1:
        raise ValueError(f"fed: expected numbers in [-1, 1], got {np.abs(rows).max()}")
    batch.claim("fed", len(rows))
    return rows


def targets(config: WavernnConfig, batch: Batch, value: Any, time: int) -> Classes | None:
    """The argument `targets` of `logits`, [batch, time]."""
    if config.output != "split":
        if value is not None:
            raise ValueError("targets: expected None, since the output is not split")
        return None
    if value is None and not time:
        return np.zeros([batch.size, 0], np.int32)
    given = array("targets", value, "integers (classes)")
    if given.size and not np.issubdtype(given.dtype, np.integer):
        shown = "None" if value is None else given.dtype
        raise ValueError(f"targets: expected integers (classes), got {shown}")
    rows = np.atleast_2d(given)
    if rows.shape != (batch.size, time):
        expected = f"[{batch.size}, {time}], as fed says"
        raise ValueError(f"targets: expected {expected}, got {list(given.shape)}")
    if rows.size and not 0 <= rows.min() <= rows.max() < config.classes:
        expected = f"classes from 0 to {config.classes - 1}"
        raise ValueError(f"targets: expected {expected}, got {rows.min()} to {rows.max()}")
    return rows.astype(np.int32)
