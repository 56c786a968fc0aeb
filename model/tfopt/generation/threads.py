"""Threads of a model's backend."""

from __future__ import annotations

from tfopt import tensorflow_runtime


def start_tensorflow(backend: str, threads: int | None) -> None:
    """Starts TensorFlow as `tensorflow_runtime.start` does, whose errors it raises."""
    try:
        tensorflow_runtime.start(threads)
    except RuntimeError:
        # TensorFlow keeps its number for the rest of the process; the op takes any.
        if backend != "native":
            raise
