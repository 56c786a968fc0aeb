"""Time per module inside the native step: where a sample's microseconds go, and how fast weights are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table

from tfopt.profiler import rung_names, works
from tfopt.profiler.modes import Request, config_of, frame, kind_of
from tfopt.profiler.progress import Reporter
from tfopt.profiler.quantities import amount_text, seconds_text
from tfopt.profiler.rates import Gauge
from tfopt.profiler.statistics import Figure

SCHEMA = "tfopt-modules"
BACKEND = "native"
_STEPS, _QUICK_STEPS = 4096, 256
_REPEATS = 5


def measure(request: Request, reporter: Reporter) -> dict[str, Any]:
    """Measures, and returns the results document.

    Raises:
        ValueError: the worker's answer lacks something.
        RuntimeError: TensorFlow cannot be imported, or the native engine cannot run.
    """
    subject, rounds = request.subject, request.plan.rounds
    kind = subject.module
    steps = _QUICK_STEPS if request.quick else _STEPS
    made = frame(SCHEMA, request, reporter)
    reporter.begin(f"{subject.name}: time per module", rounds)
    rung = rung_names.name(BACKEND, request.compute_type)
    stored = works.stored(subject.directory, request.compute_type)
    footprint = int(kind.work(subject.config, stored).bytes)
    found: list[list[list[float]]] = []
    with (
        Gauge(request.environment) as gauge,
        request.environment.worker(subject.directory) as worker,
    ):
        worker.ask(
            "start",
            kind=subject.kind,
            model=request.environment.path(subject.directory),
            threads=1,
            items=kind.course(subject.config, request.plan, request.seed).first(),
            **rung_names.as_asked(rung),
        )
        for number in range(rounds):
            gauge.measure(footprint)
            answer = worker.ask("measure", what="modules", steps=steps, repeats=_REPEATS)
            found.append(checked(answer.get("seconds"), kind.MODULES))
            reporter.step(f"round {number + 1}")
    if gauge.reason:
        reporter.warn(f"rates cannot be measured: {gauge.reason}")
    return {
        **made,
        "backend": rung,
        "modules": list(kind.MODULES),
        "bytes_ahead": {
            name: work.bytes_ahead for name, work in kind.modules(subject.config, stored).items()
        },
        "steps": steps,
        "rates": gauge.rates(footprint),
        "seconds_per_step": found,
    }


def checked(seconds: Any, names: Sequence[str]) -> list[list[float]]:
    """Returns the seconds of each repeat and module, as numbers."""
    modules = len(names)
    if not isinstance(seconds, list) or not seconds or any(len(one) != modules for one in seconds):
        raise ValueError(f"modules: expected {modules} times a repeat, got {str(seconds)[:60]}")
    return [[float(value) for value in one] for one in seconds]


@dataclass(frozen=True)
class Part:
    """One module: seconds per step, its share of all, weight bytes read, and bytes per second."""

    name: str
    seconds: Figure
    share: float
    bytes: float
    bytes_per_s: float | None


def parts(made: dict[str, Any]) -> list[Part]:
    """Returns the modules that the model has with their figures, in the order of the step."""
    read = weights_read(made)
    figures = {
        name: Figure.of([[repeat[place] for repeat in one] for one in made["seconds_per_step"]])
        for place, name in enumerate(made["modules"])
        if name in read
    }
    total = sum(figure.median for figure in figures.values())
    return [
        Part(
            name=name,
            seconds=figure,
            share=figure.median / total,
            bytes=read[name],
            bytes_per_s=read[name] / figure.median if figure.median else None,
        )
        for name, figure in figures.items()
    ]


def weights_read(made: dict[str, Any]) -> dict[str, float]:
    """Returns the weight bytes that each of the model's modules reads for a sample."""
    if "bytes_ahead" in made:
        return dict(made["bytes_ahead"])
    # As files of old have them, which are of dense float32.
    return {name: work.bytes_ahead for name, work in kind_of(made).modules(config_of(made)).items()}


def rung_of(made: dict[str, Any]) -> str:
    """Returns what was measured: `native`, with its compute type."""
    return str(made.get("backend", BACKEND))


def total_s(made: dict[str, Any]) -> float:
    """Returns the seconds of a step: the sum of its modules."""
    return sum(part.seconds.median for part in parts(made))


def bandwidth(made: dict[str, Any]) -> float | None:
    """Returns the bytes per second measured at the model's footprint, None if that could not be."""
    found = made["rates"]["bytes_per_s"]
    return Figure.of([found]).median if found else None


def finding(made: dict[str, Any]) -> str:
    """Returns what the modules show, in one line."""
    largest = max(parts(made), key=lambda part: part.share)
    return (
        f"a sample takes {seconds_text(total_s(made))}, {largest.share:.0%} of it: {largest.name}"
    )


def shown(made: dict[str, Any]) -> Group:
    """Returns the table that the terminal prints."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("module", no_wrap=True)
    for heading in ("a sample", "share", "weights read", "at"):
        table.add_column(heading, justify="right", no_wrap=True)
    for part in parts(made):
        read = [amount_text(part.bytes, "B"), ""] if part.bytes else ["", ""]
        if part.bytes and part.bytes_per_s:
            read[1] = amount_text(part.bytes_per_s, "B/s")
        table.add_row(
            part.name,
            f"{_time(part.seconds.median)} ±{_noise(part.seconds):.0%}",
            f"{part.share:.0%}",
            *read,
        )
    all_bytes = sum(part.bytes for part in parts(made))
    rate = amount_text(all_bytes / total_s(made), "B/s")
    table.add_row("all", seconds_text(total_s(made)), "100%", amount_text(all_bytes, "B"), rate)
    measured = bandwidth(made)
    core = f" One core reads as many at {amount_text(measured, 'B/s')}." if measured else ""
    return Group(
        table,
        "One thread, one stream. Weights read: what can be made ahead counts as read once in a block of "
        f"steps, or once a frame.{core}",
    )


def _time(seconds: float) -> str:
    return seconds_text(seconds) if seconds >= 1e-7 else f"{seconds * 1e9:.0f} ns"


def _noise(figure: Figure) -> float:
    return figure.noise if figure.median else 0.0


def without(made: dict[str, Any]) -> list[str]:
    """Returns nothing: what cannot be measured is an error."""
    return []
