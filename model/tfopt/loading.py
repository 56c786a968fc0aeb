"""What the packages of models have in common: a model is loaded, and TensorFlow imported no earlier."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from tfopt import tensorflow_runtime
from tfopt.compute_types import expect_compute_type
from tfopt.model_directory import Weights

Config = TypeVar("Config")


def read_and_start(
    read: Callable[[str | os.PathLike[str]], tuple[Config, Weights]],
    model: str | os.PathLike[str],
    backend: str,
    backends: Collection[str],
    compute_type: str,
    threads: int | None = None,
) -> tuple[Config, Weights]:
    """Reads a model and starts TensorFlow, behind which the model's class can be imported.

    Args:
        read: Reads and checks a model of the package's kind.
        model: Its name or path.
        backend: The backend that is wanted.
        backends: Those that there are.
        compute_type: What is to be computed in; see `compute_types`.
        threads: As of `tensorflow_runtime.start`.

    Raises:
        ValueError: There is no such model, backend or compute type, or the model's files are damaged.
        ImportError: As of `tensorflow_runtime.start`.
        RuntimeError: As of `tensorflow_runtime.start`.
    """
    expect_backend(backend, backends)
    expect_compute_type(compute_type, backend)
    config, weights = read(model)
    tensorflow_runtime.start(threads)
    return config, weights


def expect_backend(backend: object, backends: Collection[str]) -> None:
    """Raises ValueError if there is no backend of this name."""
    if not isinstance(backend, str) or backend not in backends:
        raise ValueError(f"backend: expected one of {', '.join(backends)}, got {backend!r}")


def class_on_demand(package: str, name: str) -> Callable[[str], Any]:
    """A package's `__getattr__`, for the class of its models.

    The class is in the package's module `model`, which imports TensorFlow, so not before somebody asks.
    """

    def attribute(asked: str) -> Any:
        if asked == name:
            return getattr(importlib.import_module(f"{package}.model"), name)
        raise AttributeError(f"module {package!r} has no attribute {asked!r}")

    return attribute
