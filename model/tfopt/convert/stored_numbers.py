"""Numbers as files of tensors store them, as arrays that NumPy computes with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BFLOAT16 = "bfloat16"  # NumPy has none: the upper half of a float32


def decode(data: bytes, dtype: str, order: str = "<") -> NDArray[Any]:
    """Reads numbers.

    Args:
        data: As many bytes as whole numbers have.
        dtype: NumPy's name of their type (`"f4"`), or `BFLOAT16`.
        order: Of their bytes: `"<"` or `">"`.

    Returns:
        [n]: float32 of any floating-point type, else the type stored. What is beyond float32 is infinite:
        for the caller to refuse.
    """
    if dtype == BFLOAT16:
        halves = np.frombuffer(data, f"{order}u2")
        return (halves.astype(np.uint32) << 16).view(np.float32)
    numbers: NDArray[Any] = np.frombuffer(data, f"{order}{dtype}")
    if numbers.dtype.kind != "f":
        return numbers.astype(numbers.dtype.newbyteorder("="))
    with np.errstate(over="ignore"):
        return numbers.astype(np.float32)
