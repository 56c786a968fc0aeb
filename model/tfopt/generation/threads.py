"""Threads of a model's backend."""

from __future__ import annotations

from tfopt import tensorflow_runtime
from tfopt.cpu import available_cpus


def start_tensorflow(backend: str, threads: int | None) -> None:
    """Starts TensorFlow as `tensorflow_runtime.start` does, whose errors it raises."""
    try:
        tensorflow_runtime.start(threads)
    except RuntimeError:
        # TensorFlow keeps its number for the rest of the process; the op takes any.
        if backend != "native":
            raise


def threads_for_streams(batch: int, chosen: int | None) -> int:
    """Threads for the streams of a call to an op: as many as were chosen, else one each, up to the CPUs.

    One stream shares its steps among threads only where the caller has asked for several: threads that wait
    for one another spin, which a server with many streams must not.
    """
    return chosen or max(1, min(batch, available_cpus()))
