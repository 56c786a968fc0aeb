"""Memory against minutes of generated audio: a stream that never ends must not grow."""

from __future__ import annotations

import math
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table

from tfopt.profiler import rung_names
from tfopt.profiler.modes import Request, frame
from tfopt.profiler.progress import Reporter

SCHEMA = "tfopt-memory"
_MINUTES, _QUICK_MINUTES = 10.0, 0.02
_LOOKS = 60
_CHUNK_S = 0.1
# The first part of the stream, in which buffers are made once, is not held against it.
_WARM_UP = 0.1


def measure(request: Request, reporter: Reporter) -> dict[str, Any]:
    """Measures, and returns the results document. The rung is the last one asked for.

    Raises:
        ValueError: the minutes are no positive number.
        RuntimeError: TensorFlow cannot be imported, or the backend cannot run.
    """
    minutes = request.points[-1] if request.points else _usual(request)
    if not 0 < minutes < math.inf:
        raise ValueError(f"points: expected minutes above 0, got {minutes:g}")
    subject, rung = request.subject, request.rungs[-1]
    rate = subject.config.sample_rate
    chunk = max(1, round(_CHUNK_S * rate / subject.config.hop_length)) * subject.config.hop_length
    chunks = max(1, math.ceil(minutes * 60 * rate / chunk / _LOOKS))
    looks = max(1, math.ceil(minutes * 60 * rate / chunk / chunks))
    made = frame(SCHEMA, request, reporter)
    reporter.begin(f"{subject.name}, {rung}: {minutes:g} minutes of audio", looks)
    found = []
    with request.environment.worker(subject.directory) as worker:
        worker.ask(
            "start",
            kind=subject.kind,
            model=request.environment.path(subject.directory),
            threads=request.threads,
            items=subject.module.course(subject.config, request.plan, request.seed).first(),
            **rung_names.as_asked(rung),
        )
        for number in range(looks):
            answer = worker.ask(
                *("measure",),
                what="stream",
                samples=looks * chunks * chunk,
                chunk=chunk,
                chunks=chunks,
            )
            found.append({name: answer[name] for name in ("samples", "wall_s", "resident_bytes")})
            reporter.step(f"look {number + 1}")
    return {**made, "backend": rung, "chunk": chunk, "looks": found}


def series(made: dict[str, Any]) -> list[tuple[float, float]]:
    """Returns minutes of audio generated so far, and the MB that the process then held."""
    rate, samples, found = made["model"]["config"]["sample_rate"], 0, []
    for look in made["looks"]:
        samples += look["samples"]
        if look["resident_bytes"] is not None:
            found.append((samples / rate / 60, look["resident_bytes"] / 1e6))
    return found


def growth(made: dict[str, Any]) -> float | None:
    """Returns by how many MB the process grew after the first tenth of the audio; None if not known."""
    found = series(made)
    if not found:
        return None
    settled = found[math.ceil(len(found) * _WARM_UP) :] or found
    return settled[-1][1] - settled[0][1]


def finding(made: dict[str, Any]) -> str:
    """Returns what became of the memory, in one line."""
    grown, found = growth(made), series(made)
    if grown is None:
        return "the system does not tell how much memory a process holds"
    return (
        f"{found[-1][1]:,.0f} MB held after {found[-1][0]:.3g} minutes of audio, "
        f"{grown:+.1f} MB since the first {_WARM_UP:.0%} of them"
    )


def shown(made: dict[str, Any]) -> Group:
    """Returns the table that the terminal prints."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("minutes of audio", "memory held"):
        table.add_column(heading, justify="right")
    found = series(made)
    for minutes, size in found[:: max(1, -(-len(found) // 10))]:
        table.add_row(f"{minutes:.3g}", f"{size:,.1f} MB")
    return Group(table, finding(made))


def _usual(request: Request) -> float:
    return _QUICK_MINUTES if request.quick else _MINUTES


def without(made: dict[str, Any]) -> list[str]:
    """Returns nothing: what cannot be measured is an error."""
    return []
