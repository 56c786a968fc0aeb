"""Reads a folder of results: what each file is, and which files are none of ours or damaged."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tfopt.report import readers, sound

_T = TypeVar("_T")
_AUDIO = (".flac", ".wav")


@dataclass(frozen=True)
class File:
    """A results file.

    Attributes:
        name: without its folder.
        content: the decoded JSON.
        value: what it says, as its reader returns it.
    """

    name: str
    content: Any
    value: Any


@dataclass
class Contents:
    """What a folder holds.

    Attributes:
        files: the results files, by name.
        clips: the audio files, by name.
        skipped: what could not be read: name, and why.
    """

    files: list[File] = field(default_factory=list)
    clips: list[sound.Clip] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def of(self, kind: type[_T]) -> list[tuple[File, _T]]:
        """Returns the files whose value is of a class, with that value."""
        return [(file, file.value) for file in self.files if isinstance(file.value, kind)]


def read(folder: Path) -> Contents:
    """Reads every .json, .wav and .flac file in a folder, not those in folders below.

    Raises:
        ValueError: it is no folder that can be read, or holds nothing that can be shown.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise ValueError(
            f"FOLDER: expected a folder with results, got {str(folder)!r}: {error.strerror}"
        ) from error
    contents = Contents()
    for path in paths:
        try:
            if path.suffix == ".json":
                contents.files.append(_read_json(path))
            elif path.suffix.lower() in _AUDIO:
                contents.clips.append(sound.read(path))
        except ValueError as error:
            contents.skipped.append((path.name, str(error).removeprefix(f"{path.name}: ")))
    if not contents.files and not contents.clips:
        why = "; ".join(f"{name}: {reason}" for name, reason in contents.skipped) or "none of these"
        raise ValueError(
            f"{folder}: expected results of `tfopt profile` or `tfopt compare` (.json) or audio "
            f"(.wav, .flac), got {why}"
        )
    return contents


def _read_json(path: Path) -> File:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"cannot read it: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON, or cut short: {error}") from error
    try:
        return File(path.name, content, readers.read(content, path.name))
    except ArithmeticError as error:
        raise ValueError(f"numbers that nothing can be computed from: {error}") from error
