"""Mel spectrograms in `.npy` files, which come in two layouts."""

from __future__ import annotations

import tokenize
from typing import IO

import numpy as np
from numpy.typing import NDArray

MAGIC = b"\x93NUMPY"
FRAMES_FIRST, BANDS_FIRST, AUTO = "frames-first", "bands-first", "auto"
LAYOUTS = (AUTO, FRAMES_FIRST, BANDS_FIRST)

# NumPy reads the header as a Python literal: a damaged one raises what Python does for a damaged program, and
# one that is well-formed may hold any type and number.
_DAMAGED = (
    OSError,
    ValueError,
    EOFError,
    MemoryError,
    OverflowError,
    TypeError,
    SyntaxError,
    tokenize.TokenError,
    RecursionError,
)


def read(file: IO[bytes], bands: int, layout: str = AUTO) -> NDArray[np.float32]:
    """Reads a mel spectrogram.

    Args:
        file: At the beginning of a `.npy` file.
        bands: That the model takes.
        layout: `"frames-first"`: [frames, bands], as the models here take them. `"bands-first"`: [bands,
            frames], as librosa and fatchord/WaveRNN keep them. `"auto"`: whichever of the two has the model's
            bands.

    Returns:
        float32 [frames, bands].

    Raises:
        ValueError: The file is damaged, holds objects (which are not loaded) or other than real numbers; the
            shape is another one, or with "auto" has the model's bands on both sides; there are no frames;
            or a value is NaN, or no finite float32.
    """
    try:
        array = np.lib.format.read_array(file, allow_pickle=False)
    except _DAMAGED as error:
        raise ValueError(f"cannot read it as a .npy file: {error}") from error
    if array.dtype.kind not in "iuf":
        raise ValueError(f"expected a mel spectrogram of real numbers, got {array.dtype}")
    frames = array.T if _bands_first(array.shape, bands, layout) else array
    if not len(frames):
        raise ValueError(f"expected at least one frame, got {list(array.shape)}")
    with np.errstate(over="ignore"):
        mel = np.ascontiguousarray(frames, np.float32)
    if not np.isfinite(mel).all():
        raise ValueError("expected finite float32 values, got NaN or infinity")
    return mel


def _bands_first(shape: tuple[int, ...], bands: int, layout: str) -> bool:
    """Whether an array of this shape is [bands, frames]; raises ValueError if that cannot be told."""
    expected = {
        FRAMES_FIRST: f"[frames, {bands}]",
        BANDS_FIRST: f"[{bands}, frames]",
        AUTO: f"[frames, {bands}] or [{bands}, frames]",
    }[layout]
    fits = {FRAMES_FIRST: shape[1:] == (bands,), BANDS_FIRST: shape[:1] == (bands,)}
    possible = [
        one for one, good in fits.items() if len(shape) == 2 and good and layout in (one, AUTO)
    ]
    if not possible:
        raise ValueError(f"expected a mel spectrogram {expected}, got {list(shape)}")
    if len(possible) == 2:
        raise ValueError(
            f"{list(shape)} may be {expected}: say which with --layout "
            f"{FRAMES_FIRST} or {BANDS_FIRST}"
        )
    return possible[0] == BANDS_FIRST
