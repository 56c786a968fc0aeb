"""The WaveRNN workload: an item is a stream (`tfopt.profiler.audio`), an output its samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tfopt.profiler import audio
from tfopt.profiler.workloads.stream_workload import StreamWorkload, frames

# Behind a backend's name: the same with nothing hoisted.
UNHOISTED = "-unhoisted"


class _Wavernn(StreamWorkload):
    def run(self, items: Sequence[audio.Stream]) -> Any:
        """Returns the audio of each stream, float32 [streams, samples]; they are one batch.

        The streams have the same seed, temperature and length. Less than whole frames is the first chunk of
        a stream.
        """
        import numpy as np

        config, first = self._net.config, items[0]
        mel = np.stack([audio.conditioning(config.mel_channels, item) for item in items])
        settings = {
            "seed": first["seed"],
            "temperature": first["temperature"],
            "streams": [item["stream"] for item in items],
        }
        samples = first["samples"]
        if samples == first["frames"] * config.hop_length:
            return self._net.generate(mel, **settings)
        return next(iter(self._net.stream([mel], chunk=samples, **settings)))

    def outputs(self, result: Any) -> list[Any]:
        """Returns the class numbers of each stream, or its amplitudes if the output has no classes."""
        import numpy as np

        from tfopt import mu_law

        config = self._net.config
        if config.mu_law:
            return mu_law.encode(result, config.classes).tolist()  # type: ignore[no-any-return]
        if config.classes:
            # Classes stand at equal distances from -1 to 1.
            places = (np.asarray(result, np.float64) + 1) * (config.classes - 1) / 2
            return np.rint(places).astype(int).tolist()  # type: ignore[no-any-return]
        return result.tolist()  # type: ignore[no-any-return]

    def module_timer(self) -> Callable[[int], list[float]]:
        """Returns what times the native step's modules; see `StreamWorkload`."""
        from tfopt import ops_benchmark
        from tfopt.wavernn.config import read
        from tfopt.wavernn.packing import pack

        packed = pack(*read(self._directory), self._net.compute_type)
        hop_length = self._net.config.hop_length
        return lambda steps: ops_benchmark.wavernn_modules(
            packed, steps=steps, hop_length=hop_length
        )

    def long_stream(self, samples: int, chunk: int) -> Iterator[Any]:
        """Returns the chunks of a stream that goes on as long as it is asked for."""
        config = self._net.config
        mels = frames(config.mel_channels, config.hop_length, chunk)
        return self._net.stream(mels, chunk=chunk)  # type: ignore[no-any-return]


def import_framework() -> None:
    """Imports TensorFlow and the package's WaveRNN."""
    import tensorflow  # noqa: F401

    import tfopt.wavernn  # noqa: F401


def load(model: str, backend: str, threads: int, compute_type: str) -> _Wavernn:
    """Loads a model directory for a backend, which sets TensorFlow's thread count.

    The backend may be `graph` or `xla` with `UNHOISTED` behind it, which users are not offered.
    """
    from tfopt import wavernn

    if backend.endswith(UNHOISTED):
        net = _unhoisted(model, backend.removesuffix(UNHOISTED), threads)
    else:
        net = wavernn.load(Path(model), backend=backend, threads=threads, compute_type=compute_type)
    return _Wavernn(net, Path(model))


def _unhoisted(model: str, backend: str, threads: int) -> Any:
    """Loads a WaveRNN whose every step computes everything."""
    from tfopt import wavernn
    from tfopt.compute_types import DEFAULT_COMPUTE_TYPE
    from tfopt.loading import read_and_start
    from tfopt.wavernn.config import read

    # Before the backend is made, which may run TensorFlow's first operation.
    config, weights = read_and_start(
        read, model, backend, wavernn.BACKENDS, DEFAULT_COMPUTE_TYPE, threads
    )
    from tfopt.wavernn.backends.looped import Looped  # imports TensorFlow
    from tfopt.wavernn.step import Step

    looped = Looped(config, Step(config, weights, hoisted=False), jit=backend == "xla")
    return wavernn.Wavernn(config, weights, looped, threads)
