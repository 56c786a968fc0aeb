"""Checks of what users pass to a model that generates audio."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


class Batch:
    """The number of streams, on which all arguments that have one must agree."""

    def __init__(self) -> None:
        self._size: int | None = None
        self._name = ""

    @property
    def size(self) -> int:
        """The number said; 1 if no argument said one."""
        return 1 if self._size is None else self._size

    def claim(self, name: str, size: int) -> None:
        """An argument says how many streams there are; raises ValueError if another one says otherwise."""
        if self._size is None:
            self._size, self._name = size, name
        if size != self._size:
            raise ValueError(
                f"{name}: expected {self._size} streams, as {self._name} says, got {size}"
            )


def seed(value: Any) -> int:
    """The argument `seed`."""
    if not _is_integer(value) or not 0 <= value < 1 << 64:
        raise ValueError(f"seed: expected an integer from 0 to 2**64 - 1, got {value!r}")
    return int(value)


def temperature(value: Any) -> float:
    """The argument `temperature`."""
    kinds = (int, float, np.integer, np.floating)
    number = isinstance(value, kinds) and not isinstance(value, bool)
    if not number or not 0 <= value <= float(np.finfo(np.float32).max):
        raise ValueError(f"temperature: expected a number >= 0, got {value!r}")
    return float(value)


def streams(batch: Batch, value: Any) -> list[int] | None:
    """The argument `streams`: a number for each stream, or None."""
    if value is None:
        return None
    given = list(value) if isinstance(value, (Sequence, np.ndarray)) else None
    if not given or not all(_is_integer(s) and 0 <= s < 1 << 64 for s in given):
        expected = "integers from 0 to 2**64 - 1, one for each stream"
        raise ValueError(f"streams: expected {expected}, got {value!r}")
    batch.claim("streams", len(given))
    return [int(number) for number in given]


def integer(name: str, value: Any, least: int) -> int:
    """An integer argument."""
    if not _is_integer(value) or value < least:
        raise ValueError(f"{name}: expected an integer >= {least}, got {value!r}")
    return int(value)


def array(name: str, value: Any, expected: str) -> NDArray[Any]:
    """What an argument holds, as an array of whatever type."""
    try:
        return np.asarray(value)
    except (TypeError, ValueError) as error:  # rows of different lengths
        raise ValueError(f"{name}: expected {expected}, got {value!r:.80}") from error


def floats(name: str, value: Any) -> Array:
    """An array of finite numbers, as float32."""
    expected = "an array of numbers"
    given = array(name, value, expected)
    if given.dtype.kind not in "iuf":
        raise ValueError(f"{name}: expected {expected}, got {value!r:.80}")
    with np.errstate(over="ignore"):
        rows = given.astype(np.float32)
    if not np.isfinite(rows).all():
        raise ValueError(f"{name}: expected finite float32 values, got NaN or infinity")
    return rows


def frames(name: str, batch: Batch, value: Any, channels: int) -> Array:
    """Frames that condition the audio, as [batch, frames, channels]."""
    rows = floats(name, value)
    if rows.ndim == 2:
        rows = rows[np.newaxis]
    if rows.ndim != 3 or rows.shape[2] != channels or not len(rows):
        raise ValueError(
            f"{name}: expected [batch, frames, {channels}] or [frames, {channels}], "
            f"got {list(np.shape(value))}"
        )
    batch.claim(name, len(rows))
    return rows


def signals(name: str, batch: Batch, value: Any, channels: int) -> list[Array]:
    """Frames that condition the audio of each stream, [frames, channels], of different lengths if a list."""
    if not is_list(value):
        return list(frames(name, batch, value, channels))
    if not value:
        raise ValueError(f"{name}: expected at least one array, got an empty list")
    given = [floats(f"{name}[{i}]", signal) for i, signal in enumerate(value)]
    for i, signal in enumerate(given):
        if signal.ndim != 2 or signal.shape[1] != channels:
            expected = f"[frames, {channels}]"
            raise ValueError(f"{name}[{i}]: expected {expected}, got {list(signal.shape)}")
    batch.claim(name, len(given))
    return given


def is_list(value: Any) -> bool:
    """Whether these are several arrays in a list; lists within lists write down one array."""
    if not isinstance(value, (list, tuple)):
        return False
    return not value or any(
        np.ndim(given) > 1 for given in value if not isinstance(given, (list, tuple))
    )


def expect_pieces(name: str, value: Any) -> None:
    """An argument that gives arrays one after the other; a single array is none."""
    if isinstance(value, np.ndarray) or not isinstance(value, Iterable):
        given = type(value).__name__
        raise ValueError(f"{name}: expected pieces in an iterable, got {given}")


def expect_progress(value: Any) -> None:
    """The argument `progress`: a function, or None."""
    if value is not None and not callable(value):
        raise ValueError(f"progress: expected a function, got {value!r}")


def _is_integer(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
