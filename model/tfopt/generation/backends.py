"""The backend of a model: of a name, or a ready one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from tfopt import tensorflow_runtime
from tfopt.loading import expect_backend
from tfopt.model_directory import Weights

Backend = TypeVar("Backend")
Config = TypeVar("Config")


def chosen(
    backend: str | Backend,
    makers: Mapping[str, Callable[[Config, Weights, int | None, str], Backend]],
    config: Config,
    weights: Weights,
    threads: int | None,
    compute_type: str,
) -> Backend:
    """Starts TensorFlow and gives a backend.

    Args:
        backend: The name of one that is made here, or a ready one.
        makers: What makes each backend.
        config: The model.
        weights: Its tensors.
        threads: As of `tensorflow_runtime.start`, whose errors are raised.
        compute_type: As `compute_types.chosen` gives it.

    Raises:
        ValueError: It is neither the name of a backend nor one that is ready.
    """
    if not hasattr(backend, "advance"):
        expect_backend(backend, makers)
    try:
        tensorflow_runtime.start(threads)
    except RuntimeError:
        # TensorFlow keeps its number for the rest of the process; the op takes any.
        if backend != "native":
            raise
    if not isinstance(backend, str):
        return backend
    return makers[backend](config, weights, threads, compute_type)
