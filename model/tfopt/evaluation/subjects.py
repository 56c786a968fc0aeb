"""The models that are evaluated, read and sorted, before anything is measured."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tfopt import compute_types, model_kinds, models, pruning
from tfopt.evaluation import metrics, sizes
from tfopt.evaluation.results import Row
from tfopt.g2p.config import G2pConfig
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavernn.config import WavernnConfig

_Config = WavenetConfig | WavernnConfig | G2pConfig


@dataclass(frozen=True)
class Subject:
    """A model.

    Attributes:
        name: Its directory's.
        directory: Where it is.
        kind: As in its config.json.
        config: Its settings.
        density: The part of its weights that are not zero; see `sizes.density`.
    """

    name: str
    directory: Path
    kind: str
    config: _Config
    density: float

    @property
    def sort(self) -> str:
        """Which of `metrics.SORTS` it belongs to."""
        return metrics.G2P if self.kind == "g2p" else metrics.VOCODER

    def types(self, asked: Sequence[str], backend: str) -> list[str]:
        """The compute types to evaluate it in: those asked for, or all that it has on the backend.

        Raises:
            ValueError: It has not a type that is asked for.
        """
        if not asked:
            return [name for name in compute_types.COMPUTE_TYPES if self._has(name, backend)]
        for name in asked:
            self.computed_in(name, backend)
        return list(dict.fromkeys(asked))

    def computed_in(self, compute_type: str, backend: str) -> str:
        """What a compute type means for it; ValueError if it has no such type."""
        try:
            return compute_types.chosen(compute_type, backend, self.config.quantization)
        except ValueError as error:
            raise ValueError(f"{self.name}: {error}") from error

    def _has(self, compute_type: str, backend: str) -> bool:
        if compute_type == compute_types.AUTO:
            return False  # one of the others
        try:
            self.computed_in(compute_type, backend)
        except ValueError:
            return False
        return True

    def row(
        self,
        compute_type: str,
        backend: str,
        qualities: dict[str, float],
        speeds: dict[str, tuple[float, ...]],
    ) -> Row:
        """A row of results about it."""
        computed_in = self.computed_in(compute_type, backend)
        size = sizes.of(self.kind, self.directory, computed_in)
        rate = None if isinstance(self.config, G2pConfig) else self.config.sample_rate
        return Row(
            model=self.name,
            compute_type=compute_type,
            computed_in=computed_in,
            density=self.density,
            file_bytes=size.file_bytes,
            memory_bytes=size.memory_bytes,
            sample_rate=rate,
            qualities=qualities,
            speeds=speeds,
        )


def read(names: Sequence[str | os.PathLike[str]]) -> list[Subject]:
    """Reads models that can be evaluated with the same data.

    Args:
        names: Of installed models, or paths to model directories.

    Raises:
        ValueError: One is not there or damaged; one is no WaveNet, WaveRNN or g2p model; they are not all of
            one sort, or two have one name.
    """
    found = [_read(models.find(name)) for name in names]
    for place, subject in enumerate(found):
        if subject.sort != found[0].sort:
            raise ValueError(
                f"MODEL: expected models for the same data, got {found[0].name}, a {found[0].kind}, "
                f"and {subject.name}, a {subject.kind}"
            )
        if subject.name in [other.name for other in found[:place]]:
            raise ValueError(f"MODEL: expected different names, got two called {subject.name!r}")
    return found


def _read(directory: Path) -> Subject:
    model = model_kinds.read(directory)
    density = sizes.density(model.weights, pruning.step_matrices(model))
    return Subject(directory.resolve().name, directory, model.kind, model.config, density)
