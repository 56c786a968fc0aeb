"""What the profiler measures with the library of custom ops: this core's limits, and a WaveNet's parts.

These are C functions of the library and no ops: no tensor comes out of them.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from tfopt import ops

# The parts of a step of a WaveNet that `wavenet_modules` times, in its order: the first convolution; what is
# computed for several steps ahead (conditioning, and the past taps of the convolutions); the newest taps;
# the gates; residual and skip connections; the two last layers; drawing a sample.
WAVENET_MODULES = (
    "input",
    "ahead",
    "convolution",
    "gate",
    "residual",
    "skip",
    "end",
    "sampling",
)


def wavenet_modules(packed: Any, *, steps: int) -> list[float]:
    """Times the parts of a WaveNet's step, in one stream and one thread.

    Args:
        packed: uint8 [bytes], of `wavenet_pack`.
        steps: Steps to take the mean over, at least 1.

    Returns:
        Seconds per step of each of `WAVENET_MODULES`.

    Raises:
        ValueError: `packed` is not a packed WaveNet, or `steps` is not positive.
    """
    array = np.asarray(packed)
    if array.dtype != np.uint8 or array.ndim != 1:
        raise ValueError(f"packed: expected uint8 [bytes], got {array.dtype} {list(array.shape)}")
    seconds = (ctypes.c_double * len(WAVENET_MODULES))()
    data = ctypes.c_void_p(array.ctypes.data)
    _measure("tfopt_wavenet_modules", data, ctypes.c_size_t(array.size), steps, seconds)
    return list(seconds)


def measure_bandwidth(footprint: int, seconds: float = 0.1) -> float:
    """Bytes per second at which one core reads a buffer of `footprint` bytes again and again.

    The median of passes over about `seconds`.
    """
    if footprint < 0:
        raise ValueError(f"footprint: expected bytes, at least 0, got {footprint}")
    result = ctypes.c_double()
    bytes_read, duration = ctypes.c_size_t(footprint), ctypes.c_double(seconds)
    _measure("tfopt_measure_bandwidth", bytes_read, duration, ctypes.byref(result))
    return result.value


def measure_arithmetic(seconds: float = 0.1) -> float:
    """Multiply-adds per second of one core, out of registers; one multiply-add counts as one."""
    result = ctypes.c_double()
    _measure("tfopt_measure_arithmetic", ctypes.c_double(seconds), ctypes.byref(result))
    return result.value


def _measure(function: str, *arguments: Any) -> None:
    """Calls one of the library's C functions for measuring."""
    measure = getattr(ops.c_functions(), function)
    measure.restype = ctypes.c_bool
    error = ctypes.create_string_buffer(500)
    if not measure(*arguments, error, ctypes.c_size_t(len(error))):
        raise ValueError(error.value.decode(errors="replace"))
