"""Finds the library of custom ops, loads it into TensorFlow, and gives out what it holds."""

from __future__ import annotations

import ctypes
import os
import threading
from pathlib import Path
from typing import Any

from tfopt import tensorflow_runtime

_PACKAGED = Path(__file__).parents[1] / "libtfopt_ops.so"

_lock = threading.Lock()
_loaded: tuple[Any, Path] | None = None  # the generated module, and the file


def library() -> Path:
    """The file that holds the ops: `TFOPT_OPS_LIBRARY` if that is set, else the one in the package tfopt.

    By one canonical path, because TensorFlow takes two paths for two libraries and cannot load one twice.
    """
    chosen = os.environ.get("TFOPT_OPS_LIBRARY") or _PACKAGED
    return Path(os.path.realpath(chosen))


def load() -> Any:
    """Loads the ops into TensorFlow, once per process, and returns their generated module.

    All other functions of `tfopt.ops` call this by themselves.

    Raises:
        RuntimeError: The library is not there, or cannot be loaded; the message says why and what to do.
        ImportError: As `tensorflow_runtime.start` raises it.
    """
    return _load()[0]


def _load() -> tuple[Any, Path]:
    global _loaded
    if _loaded is None:
        with _lock:
            if _loaded is None:
                path = library()
                _loaded = _load_into_tensorflow(path), path
    return _loaded


def _load_into_tensorflow(path: Path) -> Any:
    if not path.is_file():
        raise RuntimeError(f"{path}: expected the library of tfopt's ops; `make setup` builds it")
    tf = tensorflow_runtime.start()
    try:
        module = tf.load_op_library(str(path))
    except tf.errors.OpError as error:
        raise RuntimeError(
            f"{path}: TensorFlow {tf.__version__} cannot load it: {error.message}; "
            "`make setup` builds it anew"
        ) from error
    if not any(name.startswith("tfopt_") for name in dir(module)):
        raise RuntimeError(
            f"{path}: expected tfopt's ops, got none: it is another library, or a copy of it is in use"
        )
    return module


def op(name: str) -> Any:
    """One of the ops, by its name without "tfopt_"."""
    module, path = _load()
    op = getattr(module, f"tfopt_{name}", None)
    if op is None:
        raise RuntimeError(
            f"{path}: expected the op tfopt_{name}, got a library without it, of another version of tfopt; "
            "`make setup` builds it anew"
        )
    return op


def c_functions() -> ctypes.CDLL:
    """The library's C functions, which are not ops; loads it as `load` does, with its errors."""
    _, path = _load()
    return ctypes.CDLL(str(path))


def instruction_set() -> str:
    """The instruction set that the ops use.

    "baseline", "avx2", "avx512", "avx512_vnni", "avx512_bf16" or "neon": the best one of this CPU, or the one
    that the environment variable TFOPT_ISA names.

    Raises:
        ValueError: TFOPT_ISA names none that this CPU has.
        RuntimeError: As `load` raises it.
    """
    ask = c_functions().tfopt_isa
    ask.restype = ctypes.c_char_p
    error = ctypes.c_char_p()
    name: bytes | None = ask(ctypes.byref(error))
    if name is None:
        raise ValueError((error.value or b"").decode(errors="replace"))
    return name.decode()
