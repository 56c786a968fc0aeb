"""What the profiler measures with the library of custom ops: this core's limits, and the parts of a model.

These are C functions of the library and no ops: no tensor comes out of them.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
# The same of a WaveRNN and `wavernn_modules`: what is computed for several steps ahead (what the mel rows add
# to the input layer and the first GRU's gates, and once a frame what their part of aux adds); what the other
# parts of aux add, once a frame; what the last sample adds; the GRUs; the fully connected layers; the output
# layer, of a split output the coarse one; its fine layers; drawing a sample.
WAVERNN_MODULES = (
    "ahead",
    "frame",
    "sample",
    "gru 1",
    "gru 2",
    "fc 1",
    "fc 2",
    "output",
    "fine",
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
    array = _packed(packed)
    seconds = (ctypes.c_double * len(WAVENET_MODULES))()
    data = ctypes.c_void_p(array.ctypes.data)
    _measure("tfopt_wavenet_modules", data, ctypes.c_size_t(array.size), steps, seconds)
    return list(seconds)


def wavernn_modules(packed: Any, *, steps: int, hop_length: int) -> list[float]:
    """Times the parts of a WaveRNN's step, in one stream and one thread.

    Args:
        packed: uint8 [bytes], of `wavernn_pack`.
        steps: Steps to take the mean over, at least 1.
        hop_length: Steps of a frame, at least 1.

    Returns:
        Seconds per step of each of `WAVERNN_MODULES`, 0 for those that the model lacks.

    Raises:
        ValueError: `packed` is not a packed WaveRNN, or a number is not positive.
    """
    array = _packed(packed)
    seconds = (ctypes.c_double * len(WAVERNN_MODULES))()
    data = ctypes.c_void_p(array.ctypes.data)
    size = ctypes.c_size_t(array.size)
    _measure("tfopt_wavernn_modules", data, size, steps, hop_length, seconds)
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


def _packed(packed: Any) -> NDArray[np.uint8]:
    """The bytes of a packed model, if they are such."""
    array = np.asarray(packed)
    if array.dtype != np.uint8 or array.ndim != 1:
        raise ValueError(f"packed: expected uint8 [bytes], got {array.dtype} {list(array.shape)}")
    return array


def _measure(function: str, *arguments: Any) -> None:
    """Calls one of the library's C functions for measuring."""
    measure = getattr(ops.c_functions(), function)
    measure.restype = ctypes.c_bool
    error = ctypes.create_string_buffer(500)
    if not measure(*arguments, error, ctypes.c_size_t(len(error))):
        raise ValueError(error.value.decode(errors="replace"))
