"""Disassembles all libraries of a TensorFlow, on every CPU that this process may use."""

from __future__ import annotations

import itertools
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from tfopt.cpu import available_cpus
from tfopt.inspection import decoding, elf, origins
from tfopt.inspection.decoding import Chunk
from tfopt.inspection.libraries import Library
from tfopt.inspection.tally import Tally

_CHUNK_BYTES = 2 << 20  # half a second of work

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Examination:
    """What the libraries hold.

    Attributes:
        text_bytes: The executable code of all libraries.
        origins: The library that functions come from, as in `tfopt.inspection.origins`: their counts.
    """

    text_bytes: int
    origins: dict[str, Tally]


def examine(
    libraries: Sequence[Library], progress: Progress = lambda done, total: None
) -> Examination:
    """Counts the instructions of all functions that have a symbol.

    Args:
        libraries: What to disassemble.
        progress: Called with the bytes done and the bytes in all.

    Raises:
        ValueError: A library is damaged or for another architecture, or none has symbols.
        OSError: One cannot be read.
    """
    codes = [elf.read(library.path, library.name) for library in libraries]
    chunks = [chunk for code in codes for chunk in _chunks(code)]
    total = sum(sum(chunk.sizes) for chunk in chunks)
    if not total:
        raise ValueError(
            f"{libraries[0].name}: expected libraries with symbols of functions, got none"
        )
    found: dict[str, Tally] = {}
    done = 0
    progress(done, total)
    for chunk, tallies in zip(chunks, _counted(chunks), strict=True):
        for origin, tally in tallies.items():
            found.setdefault(origin, Tally()).add(tally)
        done += sum(chunk.sizes)
        progress(done, total)
    return Examination(sum(code.text_bytes for code in codes), found)


def _chunks(code: elf.Code) -> Iterator[Chunk]:
    """Cuts a library between functions."""
    done = np.cumsum(code.sizes)
    cuts = np.searchsorted(
        done, np.arange(_CHUNK_BYTES, done[-1] if len(done) else 0, _CHUNK_BYTES)
    )
    edges = [0, *(np.unique(cuts) + 1).tolist(), len(code.names)]
    for first, last in itertools.pairwise(edges):
        if first < last:
            yield Chunk(
                path=code.path,
                offsets=code.offsets[first:last].tolist(),
                sizes=code.sizes[first:last].tolist(),
                origins=[origins.of(name) for name in code.names[first:last]],
            )


def _counted(chunks: Sequence[Chunk]) -> Iterator[dict[str, Tally]]:
    workers = min(available_cpus(), len(chunks))
    if workers < 2:
        yield from map(decoding.count, chunks)
        return
    # Not by fork: threads of NumPy's may run in this process.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _leave_interrupts_to_parent) as pool:
        yield from pool.map(decoding.count, chunks)


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
