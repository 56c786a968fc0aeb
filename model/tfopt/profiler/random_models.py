"""Model directories with random weights: what is measured when only a config is given."""

from __future__ import annotations

import json
from pathlib import Path

from tfopt import model_directory
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.random_weights import random_weights

_CARD = "# A WaveNet with random weights, for measuring\n"


def read_config(path: Path) -> WavenetConfig:
    """Reads a WaveNet's config from a file such as a model directory's `config.json`.

    Raises:
        ValueError: it cannot be read, or is not a WaveNet's; the message names the file and the setting.
    """
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: cannot read it: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not a JSON file: {error}") from error
    if not isinstance(settings, dict):
        raise ValueError(f"{path}: expected a JSON object, got {type(settings).__name__}")
    kind = settings.pop("kind", "wavenet")
    if kind != "wavenet":
        raise ValueError(f"{path}: kind: expected 'wavenet', got {kind!r}")
    return WavenetConfig.from_dict(settings, str(path))


def write(directory: Path, config: WavenetConfig, seed: int = 0) -> Path:
    """Writes a model directory with random weights, and returns it."""
    model_directory.write(
        directory,
        kind="wavenet",
        config=config.to_dict(),
        weights=random_weights(config, seed),
        card=_CARD,
    )
    return directory
