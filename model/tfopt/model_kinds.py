"""Models on disk of whatever kind, read by what their config.json says that they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfopt import model_directory
from tfopt.g2p import config as g2p
from tfopt.model_directory import Weights
from tfopt.settings_checks import expect_one_of
from tfopt.wavenet import config as wavenet
from tfopt.wavernn import config as wavernn

_READ: dict[str, Callable[[Path], tuple[Any, Weights]]] = {
    "g2p": g2p.read,
    "wavenet": wavenet.read,
    "wavernn": wavernn.read,
}


@dataclass(frozen=True)
class Model:
    """A model.

    Attributes:
        kind: As in its config.json: `"g2p"`, `"wavenet"` or `"wavernn"`.
        settings: The rest of config.json, as it stands there.
        config: The same as a `G2pConfig`, `WavenetConfig` or `WavernnConfig`.
        weights: Its tensors, by name.
    """

    kind: str
    settings: dict[str, Any]
    config: Any
    weights: Weights


def read(directory: Path) -> Model:
    """Reads a model.

    Raises:
        ValueError: Its files are damaged, or it is of none of the kinds.
    """
    settings = model_directory.read_settings(directory)
    kind = settings.pop("kind", None)
    try:
        expect_one_of("kind", tuple(_READ), kind)
    except ValueError as error:
        raise ValueError(f"{directory / model_directory.CONFIG}: {error}") from error
    return Model(kind, settings, *_READ[kind](directory))
