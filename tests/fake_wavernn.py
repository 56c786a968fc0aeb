"""A made-up WaveRNN workload: the NumPy reference generates, and the backend says how it misbehaves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tfopt import randomness
from tfopt.profiler import audio
from tfopt.wavernn.reference import Reference
from tfopt.wavernn.reference import load as load_reference


class FakeWavernn:
    def __init__(self, reference: Reference, backend: str) -> None:
        self.reference = reference
        self.backend = backend

    def run(self, items: Sequence[audio.Stream]) -> list[Any]:
        return [self._stream(item) for item in items]

    def _stream(self, item: audio.Stream) -> Any:
        config, count = self.reference.config, item["samples"]
        mel = audio.conditioning(config.mel_channels, item)
        numbers = randomness.uniforms(item["seed"], [item["stream"]], 0, count, config.uniforms)[0]
        drawn = self.reference.generate(numbers, mel, item["temperature"])
        if self.backend == "xla-unhoisted":
            drawn[3] = (drawn[3] + 7) % config.classes
        return drawn

    def outputs(self, result: list[Any]) -> list[Any]:
        return [one.tolist() for one in result]

    def measure(self, what: str, **arguments: Any) -> dict[str, Any]:
        if what == "modules":
            seconds = [1e-6 * (1 + n) * (n != 8) for n in range(10)]
            return {"seconds": [seconds] * arguments["repeats"]}
        samples = arguments["chunk"] * arguments["chunks"]
        return {"samples": samples, "wall_s": 1e-3, "resident_bytes": 200_000_000}


def import_framework() -> None:
    pass


def load(model: str, backend: str, threads: int, compute_type: str) -> FakeWavernn:
    return FakeWavernn(load_reference(Path(model)), backend)
