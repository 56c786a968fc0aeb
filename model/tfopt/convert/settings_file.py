"""Reads the settings of a model as other projects keep them: a JSON object."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

WAVENET_SAMPLE_RATE = (
    16_000  # Hz; what both WaveNet projects train with unless they are told otherwise
)


def read(path: Path, required: Mapping[str, type], optional: Mapping[str, Any]) -> dict[str, Any]:
    """Reads settings and fills in those that are not there.

    Args:
        path: The JSON file.
        required: The name and type of each setting that has to be there.
        optional: The name and default of each other setting; a value has the type of its default.

    Raises:
        ValueError: The file is missing or not JSON; a setting is missing, not known or of another type.
    """
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: cannot read it: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not a JSON file: {error}") from error
    if not isinstance(settings, dict):
        raise ValueError(f"{path}: expected a JSON object, got {type(settings).__name__}")
    missing = sorted(set(required) - set(settings))
    unknown = sorted(set(settings) - set(required) - set(optional))
    if missing or unknown:
        raise ValueError(f"{path}: missing settings {missing}, settings not known {unknown}")
    types = {**required, **{name: type(default) for name, default in optional.items()}}
    for name, value in settings.items():
        if type(value) is not types[name]:
            raise ValueError(f"{path}: {name}: expected {types[name].__name__}, got {value!r}")
    return {**optional, **settings}
