"""Writing results so that nothing is lost: the folder is tried first, files appear complete."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from tfopt import files

FOLDER_VARIABLE = "TFOPT_RESULTS"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}")


def default_folder() -> Path:
    """Returns `$TFOPT_RESULTS`, else `results` in the current folder."""
    return Path(os.environ.get(FOLDER_VARIABLE) or "results")


def check_name(name: str) -> str:
    """Returns a name that results may be written under.

    Raises:
        ValueError: it is not a plain file name, or brings its own suffix.
    """
    if not _NAME.fullmatch(name) or name.endswith((".json", ".png")):
        raise ValueError(
            "expected a plain file name of letters, digits and _.+- without folder or suffix, "
            f"got {name!r}"
        )
    return name


def prepare(targets: list[Path]) -> None:
    """Makes the folders of the files to come and checks that files can be written there.

    Raises:
        ValueError: one cannot be, so that hours of measuring are not lost for it.
    """
    for target in targets:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".tfopt-"):
                pass
        except OSError as error:
            raise ValueError(
                f"expected a folder that can be written to, got {str(target.parent)!r}: "
                f"{error.strerror}"
            ) from error
        if target.is_dir():
            raise ValueError(f"expected to write the file {str(target)!r}, which is a folder")


def write(target: Path, content: bytes) -> None:
    """Writes a whole file."""
    with files.writing(target) as file:
        file.write(content)


def as_json(document: dict[str, Any]) -> bytes:
    """Returns indented JSON with each list of plain values on one line."""
    return (_indented(document, "\n") + "\n").encode()


def _indented(value: Any, line: str) -> str:
    """Returns JSON; `line` is a line break with the indentation that holds here."""
    deeper = line + " "
    if isinstance(value, dict) and value:
        parts = [f"{_plain(name)}: {_indented(part, deeper)}" for name, part in value.items()]
        return "{" + deeper + ("," + deeper).join(parts) + line + "}"
    if isinstance(value, list | tuple) and any(isinstance(part, dict | list) for part in value):
        parts = [_indented(part, deeper) for part in value]
        return "[" + deeper + ("," + deeper).join(parts) + line + "]"
    return _plain(value)


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
