"""WaveNets for the tests of `tfopt-native generate`, and how their input and output are written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from wavenet_models import MODELS, conditions, make, write

from tfopt.pack import pack


def write_models(directory: Path) -> Path:
    """Every model, as a directory and packed, and conditioning for those that take it."""
    for name in MODELS:
        model = write(directory / name, name)
        pack(model, directory / f"{name}.tfopt")
        config, _ = make(name)
        if config.local_channels:
            frames = conditions(config, 1, 3000)["conditioning"][0]
            np.save(directory / f"{name}.npy", frames.astype(np.float32))
    return directory


def floats(audio: bytes) -> NDArray[np.float32]:
    return np.frombuffer(audio, "<f4")


def frames_header(frames: int, channels: int) -> bytes:
    """What stands before the frames of an .npy file; -1 frames: nobody knows how many."""
    text = (
        f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({frames}, {channels}), }}\n".encode()
    )
    return b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text
