"""The recordings of festvox-ru: 620 sentences read by one speaker, 16 kHz, of which 60 are held out.

`held_out.txt` names those 60. They were drawn at random from the sorted names before anything was trained
(`numpy.random.default_rng(2026).choice(names, 60, replace=False)`); nothing is trained on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tfopt import audio_files
from tfopt.features import mel_spectrogram
from tfopt.features.settings import MelSettings
from training import downloads

PACKAGE = "festvox-ru"
_VOICE = Path("usr/share/festival/voices/russian/msu_ru_nsh_clunits")
_NOTICE = Path("usr/share/doc", PACKAGE, "copyright")
_HELD_OUT = Path(__file__).with_name("held_out.txt")


@dataclass(frozen=True)
class Utterance:
    """A recording.

    Attributes:
        name: Of its file, without the ending.
        audio: Amplitudes in [-1, 1], float32 [samples].
        mel: Its frames, float32 [frames, bands].
    """

    name: str
    audio: NDArray[np.float32]
    mel: NDArray[np.float32]


@dataclass(frozen=True)
class Files:
    """The audio files, and the package's notice of copyright."""

    training: list[Path]
    held_out: list[Path]
    notice: Path


def find(data: Path) -> Files:
    """Gets the package unless it lies in `data`, and divides its recordings.

    Raises:
        OSError: The package could not be fetched.
        ValueError: It lacks recordings that are to be held out: it is another release.
    """
    root = downloads.debian_package(PACKAGE, data)
    paths = {path.stem: path for path in sorted((root / _VOICE / "wav").glob("*.wav"))}
    names = held_out()
    missing = [name for name in names if name not in paths]
    if missing:
        raise ValueError(
            f"{root / _VOICE}: expected recordings {missing}, which are to be held out"
        )
    return Files(
        training=[path for name, path in paths.items() if name not in names],
        held_out=[paths[name] for name in names],
        notice=root / _NOTICE,
    )


def held_out() -> list[str]:
    """The names of the utterances that nothing is trained on."""
    return _HELD_OUT.read_text(encoding="utf-8").split()


def read(path: Path, features: MelSettings, sample_rate: int) -> Utterance:
    """Reads a recording and computes its frames."""
    with path.open("rb") as file:
        audio = np.clip(audio_files.read(file, sample_rate), -1, 1)
    return Utterance(path.stem, audio, mel_spectrogram(audio, features, sample_rate))
