"""What the ops take for their arguments: tensors of one dtype, and integers as attributes.

A wrong type raises TypeError with the argument's name; TensorFlow's own errors tell its place.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

from tfopt.ops.loading import load
from tfopt.tensors import Tensor


def float32(name: str, value: Any) -> Tensor:
    """A float32 tensor; an array of that dtype stays one."""
    return _tensor(name, value, "float32")


def uint8(name: str, value: Any) -> Tensor:
    """A uint8 tensor, likewise."""
    return _tensor(name, value, "uint8")


def int32(name: str, value: Any) -> Tensor:
    """An int32 tensor, likewise."""
    return _tensor(name, value, "int32")


def float32_list(name: str, values: Iterable[Any]) -> list[Tensor]:
    """At least one float32 tensor; none raises ValueError."""
    tensors = [float32(f"{name}[{i}]", value) for i, value in enumerate(values)]
    if not tensors:
        # TensorFlow would miss the attribute N, of which a user knows nothing.
        raise ValueError(f"{name}: expected at least one tensor, got none")
    return tensors


def integer(name: str, value: Any) -> int:
    """An attribute of 64 bits; TensorFlow would cut fractions off, and take None for the default."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name}: expected an integer, got {value!r}")
    number = operator.index(value)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"{name}: expected an integer of 64 bits, got {value}")
    return number


def integers(name: str, values: Any) -> list[int]:
    """A list of such attributes."""
    if not isinstance(values, Iterable):
        raise TypeError(f"{name}: expected a list of integers, got {values!r}")
    return [integer(f"{name}[{i}]", value) for i, value in enumerate(values)]


def _tensor(name: str, value: Any, dtype: str) -> Tensor:
    given = getattr(value, "dtype", None)
    # The name of a tensor's or array's type: short calls feel every look into TensorFlow's module.
    kind = getattr(given, "name", None)
    if kind == dtype:
        return value
    if kind is not None:
        raise TypeError(f"{name}: expected {dtype}, got {kind}")
    load()
    import tensorflow as tf

    try:
        return tf.convert_to_tensor(value, dtype)
    except (TypeError, ValueError, tf.errors.InvalidArgumentError) as error:
        kind = type(value).__name__
        raise TypeError(f"{name}: expected {dtype}, got {kind}: {error}") from error
