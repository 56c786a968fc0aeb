"""Imports TensorFlow, checks CPU and version, and sets its thread counts, once per process."""

from __future__ import annotations

import faulthandler
import importlib.util
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tfopt import cpu_flags, tensorflow_distributions
from tfopt.cpu import available_cpus

OLDEST, NEWEST = (2, 14), (2, 21)

MOST_THREADS = 4096  # that the custom ops take (values.h); more than machines have


def start(threads: int | None = None) -> Any:
    """Imports TensorFlow and sets how many threads it uses.

    TensorFlow's thread counts belong to the process and are fixed by its first operation. If nobody has
    set them by then, they become `threads`, or the CPUs that this process may use (affinity and container
    limits; TensorFlow itself counts the machine's).

    Args:
        threads: Threads for TensorFlow, from 1 to 4096; None leaves the choice to tfopt or to the settings
            already made.

    Returns:
        The `tensorflow` module.

    Raises:
        ImportError: TensorFlow is missing, older than 2.14, or built for another CPU than this one.
        ValueError: `threads` is not a positive integer, or above 4096.
        RuntimeError: TensorFlow already runs with another number of threads.
    """
    check_threads(threads)
    if importlib.util.find_spec("tensorflow") is None:
        raise ImportError(
            "tfopt needs TensorFlow 2.14 to 2.21, and none is installed; "
            "install it with: pip install 'tfopt[cpu]'"
        )
    if "tensorflow" not in sys.modules:
        check_cpu()
    with _notices_held_back():
        import tensorflow as tf

    check_version(tf.__version__)
    threading = tf.config.threading
    current = threading.get_intra_op_parallelism_threads()
    wanted = threads or current or available_cpus()
    if wanted == current:
        return tf
    try:
        threading.set_intra_op_parallelism_threads(wanted)
        threading.set_inter_op_parallelism_threads(wanted)
    except RuntimeError as error:
        if threads is not None:
            raise RuntimeError(
                f"threads: expected {current or 'the machine default'}, with which TensorFlow already "
                f"runs in this process, got {threads}; set it before TensorFlow's first operation"
            ) from error
    return tf


def check_threads(threads: int | None) -> None:
    """Raises ValueError if it is neither None nor a number of threads from 1 to 4096."""
    if threads is None:
        return
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise ValueError(f"threads: expected a positive integer, got {threads!r}")
    if threads > MOST_THREADS:
        raise ValueError(f"threads: expected at most {MOST_THREADS}, got {threads}")


@contextmanager
def _notices_held_back() -> Iterator[None]:
    """Keeps TensorFlow's import quiet if TF_CPP_MIN_LOG_LEVEL asks for it.

    TensorFlow 2.21 writes two notices to file descriptor 2 before it reads that variable. If the import
    fails, everything that was held back is shown; if it crashes, at least where.
    """
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL", "0") == "0" or "tensorflow" in sys.modules:
        yield
        return
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held, os.fdopen(os.dup(2), "wb") as original:
        watching = not faulthandler.is_enabled()
        if watching:
            faulthandler.enable(original)
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            original.write(held.read())
            raise
        finally:
            os.dup2(original.fileno(), 2)
            if watching:
                faulthandler.disable()


def check_cpu() -> None:
    """Raises ImportError if this CPU lacks instructions that the installed TensorFlow needs, by its name.

    Without it the import would end the process by SIGILL. Nothing is raised where the CPU's instructions are
    not known, as on other architectures.
    """
    flags = cpu_flags.usable()
    if flags is not None:
        for distribution in tensorflow_distributions.installed():
            tensorflow_distributions.check(distribution, flags)


def check_version(version: str) -> None:
    """Raises ImportError for a TensorFlow older than tfopt supports; warns of one it was not tested with."""
    major, minor = (int(part) for part in version.split(".")[:2])
    if (major, minor) < OLDEST:
        raise ImportError(f"tfopt needs TensorFlow 2.14 to 2.21, and {version} is installed")
    if (major, minor) > NEWEST:
        warnings.warn(
            f"tfopt was tested with TensorFlow 2.14 to 2.21, and {version} is installed",
            stacklevel=3,
        )
