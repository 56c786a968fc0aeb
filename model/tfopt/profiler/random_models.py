"""Model directories with random weights: what is measured when only a config is given."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tfopt import model_directory, pruning
from tfopt.profiler import kinds
from tfopt.profiler.kinds import AudioConfig
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.random_weights import random_weights as wavenet_weights
from tfopt.wavernn.random_weights import random_weights as wavernn_weights


@dataclass(frozen=True)
class Pruning:
    """How random weights are pruned: the part of the blocks to keep, and outputs x inputs of a block."""

    density: float
    block: str

    def name(self, model: str) -> str:
        """Returns what a model is called once it is pruned."""
        return f"{model}-{self.density:g}-{self.block}"


def read_config(path: Path) -> AudioConfig:
    """Reads a config from a file such as a model directory's `config.json`; a WaveNet's if it names no kind.

    Raises:
        ValueError: it cannot be read, or is none of a WaveNet or WaveRNN; the message names the file and the
            setting.
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
    if kind not in list(kinds.AUDIO):  # a list, since the kind may be anything that JSON holds
        expected = " or ".join(map(repr, kinds.AUDIO))
        raise ValueError(f"{path}: kind: expected {expected}, got {kind!r}")
    return kinds.audio(kind).config_of(settings, str(path))


def write(
    directory: Path, config: AudioConfig, seed: int = 0, pruned: Pruning | None = None
) -> Path:
    """Writes a model directory with random weights, pruned if so asked, and returns it."""
    if pruned is not None:
        with TemporaryDirectory(dir=directory.parent) as folder:
            dense = write(Path(folder) / directory.name, config, seed)
            pruning.prune(dense, directory, density=pruned.density, block=pruned.block)
        return directory
    if isinstance(config, WavenetConfig):
        kind, weights = "wavenet", wavenet_weights(config, seed)
    else:
        kind, weights = "wavernn", wavernn_weights(config, seed)
    model_directory.write(
        directory,
        kind=kind,
        config=config.to_dict(),
        weights=weights,
        card=f"# A {kinds.audio(kind).NAME} with random weights, for measuring\n",
    )
    return directory
