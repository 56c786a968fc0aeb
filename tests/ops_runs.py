"""Calls of an op, run eagerly and in graphs whose shapes are known or not.

Needs TensorFlow and NumPy alone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import cache
from typing import Any

import numpy as np
import tensorflow as tf
from ops_calls import CALLS, Call

from tfopt import ops


def as_tensors(call: Call, change: Callable[[Any], Any]) -> Call:
    """The call with its tensors, as symbolic as `change` makes them, in place of arrays."""
    return {
        key: [change(v) for v in value]
        if key == "weights"
        else change(value)
        if isinstance(value, (np.ndarray, np.generic))
        else value
        for key, value in call.items()
    }


def run_eagerly(name: str, call: Call) -> None:
    getattr(ops, name)(**call)


class InGraph:
    """An op in a graph of its own, made of one call and fed with others of the same types and attributes."""

    def __init__(self, name: str, call: Call, known: bool):
        self._symbols: list[Any] = []

        def placeholder(value: Any) -> Any:
            dtype = tf.as_dtype(np.asarray(value).dtype)
            self._symbols.append(
                tf.compat.v1.placeholder(dtype, np.shape(value) if known else None)
            )
            return self._symbols[-1]

        with tf.Graph().as_default() as self._graph:
            self._result = getattr(ops, name)(**as_tensors(call, placeholder))
        self._session = tf.compat.v1.Session(graph=self._graph)

    def run(self, call: Call) -> None:
        given: list[Any] = []
        as_tensors(call, given.append)
        with self._graph.as_default():  # where tensors are keys
            self._session.run(self._result, dict(zip(self._symbols, given, strict=True)))

    def close(self) -> None:
        self._session.close()


@cache
def in_graph_of_any_shapes(name: str) -> InGraph:
    """One for all wrong shapes and values, since most of the time goes into making graphs."""
    return InGraph(name, CALLS[name], known=False)


def run_in_graph(name: str, call: Call, known: bool) -> None:
    same_types = types_and_attributes(call) == types_and_attributes(CALLS[name])
    if same_types and not known:
        in_graph_of_any_shapes(name).run(call)
    else:
        with closing(InGraph(name, call, known)) as graph:
            graph.run(call)


def types_and_attributes(call: Call) -> str:
    return repr(as_tensors(call, lambda value: value.dtype))  # which tells True from 1
