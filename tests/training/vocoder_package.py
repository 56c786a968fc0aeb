"""festvox-ru as it lies where it was unpacked, with noise in place of speech."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped]

from training.vocoders import corpus


def write_package(data: Path, samples: int) -> Path:
    """Writes the held-out recordings and three more, each of so many samples; returns `data`."""
    root = data / "festvox-ru"
    wavs = root / "usr/share/festival/voices/russian/msu_ru_nsh_clunits/wav"
    wavs.mkdir(parents=True)
    random = np.random.default_rng(0)
    for name in [*corpus.held_out(), "ru_0001", "ru_0002", "ru_0003"]:
        soundfile.write(wavs / f"{name}.wav", random.uniform(-0.5, 0.5, samples), 16_000)
    notice = root / "usr/share/doc/festvox-ru/copyright"
    notice.parent.mkdir(parents=True)
    notice.write_text("Files: *\nLicense: BSD-like\n\nFiles: debian/*\nLicense: GPL-3\n")
    return data
