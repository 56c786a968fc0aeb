"""The WaveNet workload: an item is a stream (`tfopt.profiler.audio`), an output its samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tfopt.profiler import audio
from tfopt.profiler.workloads.stream_workload import StreamWorkload, frames


class _Wavenet(StreamWorkload):
    def run(self, items: Sequence[audio.Stream]) -> Any:
        """Returns the audio of each stream, float32 [streams, samples]; they are one batch.

        The streams have the same seed, temperature, length and prompt.
        """
        import numpy as np

        config, first = self._net.config, items[0]
        conditioning = [audio.conditioning(config.local_channels, item) for item in items]
        return self._net.generate(
            np.stack(conditioning) if config.local_channels else None,
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

    def module_timer(self) -> Callable[[int], list[float]]:
        """Returns what times the native step's modules; see `StreamWorkload`."""
        from tfopt import ops_benchmark
        from tfopt.wavenet.config import read
        from tfopt.wavenet.packing import pack

        packed = pack(*read(self._directory), self._net.compute_type)
        return lambda steps: ops_benchmark.wavenet_modules(packed, steps=steps)

    def long_stream(self, samples: int, chunk: int) -> Iterator[Any]:
        """Returns the chunks of a stream of `samples`."""
        config = self._net.config
        channels = config.local_channels
        return self._net.stream(  # type: ignore[no-any-return]
            frames(channels, config.hop_length, chunk) if channels else None,
            samples=samples,
            chunk=chunk,
            speaker=0 if config.global_classes else None,
        )


def import_framework() -> None:
    """Imports TensorFlow and the package's WaveNet."""
    import tensorflow  # noqa: F401

    import tfopt.wavenet  # noqa: F401


def load(model: str, backend: str, threads: int, compute_type: str) -> _Wavenet:
    """Loads a model directory for a backend, which sets TensorFlow's thread count."""
    from tfopt import wavenet

    directory = Path(model)
    net = wavenet.load(directory, backend=backend, threads=threads, compute_type=compute_type)
    return _Wavenet(net, directory)
