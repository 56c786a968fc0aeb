"""Another voice to evaluate with: a woman who speaks English, in the announcements of Asterisk.

The recordings are CC-BY-SA 3.0: nothing is trained on them. They are G.722, 16 kHz, which PyAV decodes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training import downloads

PACKAGE = "asterisk-core-sounds-en-g722"
RATE = 16_000
_SOUNDS = Path("usr/share/asterisk/sounds/en_US_f_Allison")
_SHORTEST = 40_000  # bytes of two samples: announcements of some seconds


def find(data: Path) -> list[Path]:
    """Gets the package unless it lies in `data`; its longer announcements, sorted.

    Raises:
        OSError: It could not be fetched.
    """
    folder = downloads.debian_package(PACKAGE, data) / _SOUNDS
    return [path for path in sorted(folder.glob("*.g722")) if path.stat().st_size >= _SHORTEST]


def read(path: Path) -> NDArray[np.float32]:
    """Amplitudes, float32 [samples], at `RATE`; raises ImportError if PyAV is missing."""
    try:
        import av
    except ImportError as error:
        raise ImportError("G.722 needs PyAV: pip install 'tfopt[training]'") from error
    with av.open(path, format="g722") as file:
        pieces = [frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)]
    return (np.concatenate(pieces) / 32_768).astype(np.float32)
