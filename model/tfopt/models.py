"""Where models are kept, and finding one by its name."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tfopt import model_directory
from tfopt.sources import SOURCES

FOLDER_VARIABLE = "TFOPT_MODELS"
SHIPPED = Path(__file__).parent / "shipped"  # models of our own, part of the package


def folder() -> Path:
    """The folder that holds the models installed beside those that the package ships.

    `$TFOPT_MODELS` if set, else `share/tfopt/models` of the Python environment, so that an environment
    carries its models with it.
    """
    given = os.environ.get(FOLDER_VARIABLE)
    return Path(given) if given else Path(sys.prefix) / "share" / "tfopt" / "models"


def names() -> list[str]:
    """The names of the models that are there, shipped and installed, sorted."""
    return sorted({path.name for place in (folder(), SHIPPED) for path in _models_in(place)})


def _models_in(place: Path) -> list[Path]:
    if not place.is_dir():
        return []
    return [
        path
        for path in place.iterdir()
        if not path.name.startswith(".") and (path / model_directory.CONFIG).is_file()
    ]


def find(model: str | os.PathLike[str], kind: str | None = None) -> Path:
    """The directory of a model.

    Args:
        model: The name of a model that is shipped or installed (`"g2p_en-2.1.0"`; of two with one name it is
            the installed one), or a path to a model directory: anything with a slash in it, or a
            `pathlib.Path`.
        kind: What the model is to be, if that is known. Its name may then leave the kind out: `"ru-16k"` for
            `"wavernn-ru-16k"`.

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
    meant = [text] if kind is None else [text, f"{kind}-{text}"]
    found = [
        path
        for name in meant
        for place in (folder(), SHIPPED)
        if (path := place / name) in _models_in(place)
    ]
    if found:
        return found[0]
    known = ", ".join(names()) or "none"
    if text in SOURCES:
        remedy = f"get it with: tfopt download {text}"
    elif Path(text).is_dir():
        remedy = f"the directory is {os.curdir}{os.sep}{text}: a path has a slash in it"
    else:
        remedy = "see tfopt download --help"
    raise ValueError(f"model: {text!r} is not installed (installed: {known}); {remedy}")
