"""A made-up WaveNet workload: the NumPy reference generates, and the backend says how it misbehaves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfopt import mu_law, randomness
from tfopt.profiler import audio
from tfopt.wavenet.reference import Reference
from tfopt.wavenet.reference import load as load_reference

# Backends that this environment's tfopt does not have.
LACKS: list[str] = []


class FakeWavenet:
    def __init__(self, reference: Reference, backend: str) -> None:
        self.reference = reference
        self.backend = backend

    def run(self, items: Sequence[audio.Stream]) -> list[Any]:
        return [self._stream(item) for item in items]

    def _stream(self, item: audio.Stream) -> Any:
        config, count = self.reference.config, item["samples"]
        channels = config.local_channels
        frames = audio.conditioning(channels, item) if channels else None
        prompt = audio.prompt(item)
        fed = np.zeros(0) if prompt is None else prompt
        steps = max(len(fed) - 1, 0) + count
        drawn = self.reference.generate(
            randomness.uniforms(item["seed"], [item["stream"]], 0, count, config.uniforms)[0],
            None if frames is None else self.reference.upsample(frames)[:steps],
            audio.speaker(config, item),
            prompt=mu_law.encode(fed, config.classes) if config.classes else fed,
            temperature=item["temperature"],
        )
        if self.backend == "xla" and count > 8:  # goes wrong late, like a queue that wraps
            drawn[8] = (drawn[8] + 7) % config.classes
        return drawn

    def outputs(self, result: list[Any]) -> list[Any]:
        return [one.tolist() for one in result]

    def measure(self, what: str, **arguments: Any) -> dict[str, Any]:
        if what == "modules":
            return {"seconds": [[1e-6 * (1 + n) for n in range(8)]] * arguments["repeats"]}
        samples = arguments["chunk"] * arguments["chunks"]
        return {"samples": samples, "wall_s": 1e-3, "resident_bytes": 200_000_000}


def import_framework() -> None:
    pass


def load(model: str, backend: str, threads: int, compute_type: str) -> FakeWavenet:
    if backend in LACKS:
        raise ValueError(f"backend: expected another, got {backend!r}")
    return FakeWavenet(load_reference(Path(model)), backend)


def rates(bytes: int, seconds: float) -> dict[str, float]:  # noqa: A002
    """A core that reads less quickly what is larger."""
    return {"bytes_per_s": 1e11 / np.log10(bytes), "operations_per_s": 1e11}


def no_rates(bytes: int, seconds: float) -> dict[str, float]:  # noqa: A002
    """A tfopt without its ops."""
    raise RuntimeError("no library")
