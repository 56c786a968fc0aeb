"""Where models are kept, and finding one by its name."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tfopt import model_directory
from tfopt.sources import SOURCES

FOLDER_VARIABLE = "TFOPT_MODELS"


def folder() -> Path:
    """The folder that holds the installed models.

    `$TFOPT_MODELS` if set, else `share/tfopt/models` of the Python environment, so that an environment
    carries its models with it.
    """
    given = os.environ.get(FOLDER_VARIABLE)
    return Path(given) if given else Path(sys.prefix) / "share" / "tfopt" / "models"


def names() -> list[str]:
    """The names of the installed models, sorted."""
    if not folder().is_dir():
        return []
    return sorted(
        path.name
        for path in folder().iterdir()
        if not path.name.startswith(".") and (path / model_directory.CONFIG).is_file()
    )


def find(model: str | os.PathLike[str]) -> Path:
    """The directory of a model.

    Args:
        model: The name of an installed model (`"g2p_en-2.1.0"`), or a path to a model directory: anything
            with a slash in it, or a `pathlib.Path`.

    Raises:
        ValueError: There is no such model. The message says which command gets it.
    """
    if not isinstance(model, (str, os.PathLike)):
        raise ValueError(f"model: expected a name or a path, got {type(model).__name__}")
    text = os.fspath(model)
    if isinstance(model, os.PathLike) or os.sep in text:
        path = Path(model)
        if not (path / model_directory.CONFIG).is_file():
            raise ValueError(
                f"model: {text!r} is not a model directory: it has no {model_directory.CONFIG} "
                f"(a name has no slash in it)"
            )
        return path
    if text in names():
        return folder() / text
    known = ", ".join(names()) or "none"
    if text in SOURCES:
        remedy = f"get it with: tfopt download {text}"
    elif Path(text).is_dir():
        remedy = f"the directory is {os.curdir}{os.sep}{text}: a path has a slash in it"
    else:
        remedy = "see tfopt download --help"
    raise ValueError(f"model: {text!r} is not installed (installed: {known}); {remedy}")
