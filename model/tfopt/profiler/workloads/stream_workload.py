"""What the workloads of models that generate audio share: an item is a stream, an output its samples."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tfopt.profiler import audio


class StreamWorkload(ABC):
    """A loaded model that generates streams (`tfopt.profiler.audio`)."""

    def __init__(self, net: Any, directory: Path) -> None:
        """Takes the model and the directory that it was loaded from."""
        self._net = net
        self._directory = directory
        self._chunks: Iterator[Any] | None = None

    @abstractmethod
    def run(self, items: Sequence[audio.Stream]) -> Any:
        """Returns the audio of each stream, float32 [streams, samples]; they are one batch."""

    @abstractmethod
    def outputs(self, result: Any) -> list[Any]:
        """Returns the class numbers of each stream, or its amplitudes if the output has no classes."""

    def measure(self, what: str, **arguments: Any) -> dict[str, Any]:
        """Measures `modules` of the native step, or the memory and time of a `stream` that goes on."""
        if what == "modules":
            return self._modules(**arguments)
        if what == "stream":
            return self._stream(**arguments)
        raise ValueError(f"what: expected modules or stream, got {what!r}")

    @abstractmethod
    def module_timer(self) -> Callable[[int], list[float]]:
        """Returns what gives the seconds per step of each module, as a mean over so many steps."""

    @abstractmethod
    def long_stream(self, samples: int, chunk: int) -> Iterator[Any]:
        """Returns the chunks of a stream of at least `samples` samples."""

    def _modules(self, steps: int, repeats: int) -> dict[str, Any]:
        """Returns the seconds per step of each module, for each repeat."""
        seconds = self.module_timer()
        return {"seconds": [seconds(steps) for _ in range(repeats)]}

    def _stream(self, samples: int, chunk: int, chunks: int) -> dict[str, Any]:
        """Generates the next `chunks` chunks of a stream of `samples`, and tells what is held then."""
        from tfopt.profiler.worker import resident_bytes

        if self._chunks is None:
            self._chunks = self.long_stream(samples, chunk)
        start, done = time.perf_counter(), 0
        for _ in range(chunks):
            done += next(self._chunks).shape[-1]
        return {
            "samples": done,
            "wall_s": time.perf_counter() - start,
            "resident_bytes": resident_bytes(),
        }


def frames(channels: int, hop_length: int, chunk: int) -> Iterator[Any]:
    """Gives the conditioning of one chunk after the other, for as long as it is asked for.

    Each is float32 [frames, channels], of at least `chunk` samples.
    """
    count = -(-chunk // hop_length)
    one = audio.stream(number=0, seed=0, temperature=1.0, samples=chunk, frames=count)
    while True:
        yield audio.conditioning(channels, one)
