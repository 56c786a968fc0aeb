"""The WaveNet workload: an item is a stream (`tfopt.profiler.audio`), an output its samples."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tfopt.profiler import audio


class _Wavenet:
    def __init__(self, net: Any, directory: Path) -> None:
        self._net = net
        self._directory = directory
        self._chunks: Iterator[Any] | None = None

    def run(self, items: Sequence[audio.Stream]) -> Any:
        """Returns the audio of each stream, float32 [streams, samples]; they are one batch.

        The streams have the same seed, temperature, length and prompt.
        """
        import numpy as np

        config, first = self._net.config, items[0]
        frames = [audio.conditioning(config.local_channels, item) for item in items]
        return self._net.generate(
            np.stack(frames) if config.local_channels else None,
            samples=first["samples"],
            batch=len(items),
            seed=first["seed"],
            temperature=first["temperature"],
            prompt=audio.prompt(first),
            speaker=[audio.speaker(config, item) for item in items]
            if config.global_classes
            else None,
            streams=[item["stream"] for item in items],
        )

    def outputs(self, result: Any) -> list[Any]:
        """Returns the class numbers of each stream, or its amplitudes if the output has no classes."""
        from tfopt import mu_law

        classes = self._net.config.classes
        return (mu_law.encode(result, classes) if classes else result).tolist()  # type: ignore[no-any-return]

    def measure(self, what: str, **arguments: Any) -> dict[str, Any]:
        """Measures `modules` of the native step, or the memory and time of a `stream` that goes on."""
        if what == "modules":
            return self._modules(**arguments)
        if what == "stream":
            return self._stream(**arguments)
        raise ValueError(f"what: expected modules or stream, got {what!r}")

    def _modules(self, steps: int, repeats: int) -> dict[str, Any]:
        """Returns the seconds per step of each module, for each repeat."""
        from tfopt import ops_benchmark
        from tfopt.wavenet.config import read
        from tfopt.wavenet.packing import pack

        packed = pack(*read(self._directory))
        measure = ops_benchmark.wavenet_modules
        return {"seconds": [measure(packed, steps=steps) for _ in range(repeats)]}

    def _stream(self, samples: int, chunk: int, chunks: int) -> dict[str, Any]:
        """Generates the next `chunks` chunks of a stream of `samples`, and tells what is held then."""
        from tfopt.profiler.worker import resident_bytes

        if self._chunks is None:
            config = self._net.config
            self._chunks = self._net.stream(
                _frames(config, chunk) if config.local_channels else None,
                samples=samples,
                chunk=chunk,
                speaker=0 if config.global_classes else None,
            )
        start, done = time.perf_counter(), 0
        for _ in range(chunks):
            done += next(self._chunks).shape[-1]
        return {
            "samples": done,
            "wall_s": time.perf_counter() - start,
            "resident_bytes": resident_bytes(),
        }


def _frames(config: Any, chunk: int) -> Iterator[Any]:
    """Gives the conditioning of one chunk after the other, for as long as it is asked for."""
    frames = -(-chunk // config.hop_length)
    one = audio.stream(number=0, seed=0, temperature=1.0, samples=chunk, frames=frames)
    while True:
        yield audio.conditioning(config.local_channels, one)


def import_framework() -> None:
    """Imports TensorFlow and the package's WaveNet."""
    import tensorflow  # noqa: F401

    import tfopt.wavenet  # noqa: F401


def load(model: str, backend: str, threads: int) -> _Wavenet:
    """Loads a model directory for a backend, which sets TensorFlow's thread count."""
    from tfopt import wavenet

    net = wavenet.load(Path(model), backend=backend, threads=threads)
    return _Wavenet(net, Path(model))
