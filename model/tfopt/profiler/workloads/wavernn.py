"""The WaveRNN workload: an item is a stream (`tfopt.profiler.audio`), an output its samples."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tfopt.profiler import audio

# Behind a backend's name: the same with nothing hoisted.
UNHOISTED = "-unhoisted"


class _Wavernn:
    def __init__(self, net: Any, directory: Path) -> None:
        self._net = net
        self._directory = directory
        self._chunks: Iterator[Any] | None = None

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
        from tfopt.wavernn.config import read
        from tfopt.wavernn.packing import pack

        packed, hop_length = pack(*read(self._directory)), self._net.config.hop_length
        measure = ops_benchmark.wavernn_modules
        seconds = [measure(packed, steps=steps, hop_length=hop_length) for _ in range(repeats)]
        return {"seconds": seconds}

    def _stream(self, samples: int, chunk: int, chunks: int) -> dict[str, Any]:
        """Generates the next `chunks` chunks of a stream of `samples`, and tells what is held then."""
        from tfopt.profiler.worker import resident_bytes

        if self._chunks is None:
            self._chunks = self._net.stream(_mels(self._net.config, samples, chunk), chunk=chunk)
        start, done = time.perf_counter(), 0
        for _ in range(chunks):
            done += next(self._chunks).shape[-1]
        return {
            "samples": done,
            "wall_s": time.perf_counter() - start,
            "resident_bytes": resident_bytes(),
        }


def _mels(config: Any, samples: int, chunk: int) -> Iterator[Any]:
    """Gives the frames of one chunk after the other, until they are enough for the samples."""
    frames = -(-chunk // config.hop_length)
    one = audio.stream(number=0, seed=0, temperature=1.0, samples=chunk, frames=frames)
    for _ in range(-(-samples // chunk)):
        yield audio.conditioning(config.mel_channels, one)


def import_framework() -> None:
    """Imports TensorFlow and the package's WaveRNN."""
    import tensorflow  # noqa: F401

    import tfopt.wavernn  # noqa: F401


def load(model: str, backend: str, threads: int) -> _Wavernn:
    """Loads a model directory for a backend, which sets TensorFlow's thread count.

    The backend may be `graph` or `xla` with `UNHOISTED` behind it, which users are not offered.
    """
    from tfopt import wavernn

    if backend.endswith(UNHOISTED):
        net = _unhoisted(model, backend.removesuffix(UNHOISTED), threads)
    else:
        net = wavernn.load(Path(model), backend=backend, threads=threads)
    return _Wavernn(net, Path(model))


def _unhoisted(model: str, backend: str, threads: int) -> Any:
    from tfopt import wavernn
    from tfopt.wavernn.backends.looped import Looped
    from tfopt.wavernn.config import read
    from tfopt.wavernn.step import Step

    config, weights = read(model)

    class Unhoisted(wavernn.Wavernn):
        """A WaveRNN whose every step computes everything."""

        def __init__(self) -> None:
            super().__init__(config, weights, backend, threads)
            step = Step(config, weights, hoisted=False)
            self._backend = Looped(config, step, jit=backend == "xla")

    return Unhoisted()
