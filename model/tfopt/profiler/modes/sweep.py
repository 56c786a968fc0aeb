"""Time per sample against something else: layers, threads, streams in a batch, samples of a call.

`layers` is figure 3 of Le Paine et al. 2016, "Fast Wavenet Generation Algorithm": the layers of each of two
blocks, dilations 1, 2, 4, ... in each. What is recomputed grows as 2 ** layers, what is cached as layers.

Each point is measured as a small ladder: all backends in turns, every sample compared with the reference's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from tfopt.profiler import kinds, ladder, rung_names
from tfopt.profiler.modes import Request, Subject, expect_wavenet, frame, rungs
from tfopt.profiler.plan import Plan
from tfopt.profiler.progress import Reporter
from tfopt.profiler.quantities import ratio_text, seconds_text
from tfopt.profiler.rates import Gauge
from tfopt.profiler.statistics import Figure
from tfopt.roofline import Rates, Work
from tfopt.wavenet.config import doubling

SCHEMA = "tfopt-sweep"
_BLOCKS = 2
# A call of the sweep over its length may take this long.
_LONGEST_CALL_S = 10.0


@dataclass(frozen=True)
class Axis:
    """What is varied.

    Attributes:
        label: of the axis.
        points: where it is measured.
        quick_points: where a quick run measures.
        setting: makes of request and value the model, its threads, and how much to do.
    """

    label: str
    points: tuple[int, ...]
    quick_points: tuple[int, ...]
    setting: Callable[[Request, int], tuple[Subject, int, Plan]]


def _layers(request: Request, layers: int) -> tuple[Subject, int, Plan]:
    wavenet = expect_wavenet("sweep layers", request.subject)
    config = replace(wavenet, dilations=doubling(layers, _BLOCKS))
    plan = replace(request.plan, streams=0)
    return request.made(f"{request.subject.name}-{layers}", config), request.threads, plan


def _threads(request: Request, threads: int) -> tuple[Subject, int, Plan]:
    return request.subject, threads, request.plan


def _batch(request: Request, streams: int) -> tuple[Subject, int, Plan]:
    return request.subject, request.threads, replace(request.plan, takes=0, streams=streams)


def _length(request: Request, samples: int) -> tuple[Subject, int, Plan]:
    plan = replace(request.plan, streams=0, samples=samples, call_cap_s=_LONGEST_CALL_S)
    return request.subject, request.threads, plan


AXES = {
    "layers": Axis("layers in each of two blocks", (2, 4, 6, 8, 10, 12, 14), (2, 4), _layers),
    "threads": Axis("threads", (1, 2, 4, 8, 16, 32), (1, 2), _threads),
    "batch": Axis("streams in a batch", (1, 2, 4, 8, 16, 32, 64), (1, 4), _batch),
    "length": Axis("samples of a call", (4, 16, 64, 256, 1024, 4096, 16384), (4, 64), _length),
}


def points(axis: str, request: Request) -> tuple[int, ...]:
    """Returns where to measure.

    Raises:
        ValueError: a point is no whole number above 0.
    """
    if request.points:
        wrong = [value for value in request.points if value < 1 or value != int(value)]
        if wrong:
            raise ValueError(f"points: expected whole numbers above 0 for {axis}, got {wrong[0]:g}")
        return tuple(sorted({int(value) for value in request.points}))
    chosen = AXES[axis].quick_points if request.quick else AXES[axis].points
    if axis == "threads":
        return tuple(value for value in chosen if value <= request.threads)
    return chosen


def measure(axis: str, request: Request, reporter: Reporter) -> dict[str, Any]:
    """Measures, and returns the results document.

    Args:
        axis: what is varied, of `AXES`.
        request: what to measure; with `threads` as the axis, its threads are the most.
        reporter: shows the progress.

    Raises:
        ValueError: a point cannot be measured.
        RuntimeError: TensorFlow cannot be imported.
    """
    wanted = points(axis, request)
    made = frame(SCHEMA, request, reporter)
    with Gauge(request.environment) as gauge:
        measured = [_point(axis, value, request, reporter, gauge) for value in wanted]
    if gauge.reason:
        reporter.warn(f"no bound is stated, since rates cannot be measured: {gauge.reason}")
    return {**made, "sweep": axis, "points": measured}


def _point(
    axis: str, value: int, request: Request, reporter: Reporter, gauge: Gauge
) -> dict[str, Any]:
    subject, threads, plan = AXES[axis].setting(request, value)
    task = ladder.Task(
        name=f"{axis} {value}",
        kind=subject.kind,
        directory=str(subject.directory),
        rungs=request.rungs,
        threads=threads,
        course=subject.module.course(subject.config, plan, request.seed),
    )
    reporter.begin(f"{task.name}: {', '.join(task.rungs)}", ladder.steps(task, plan))
    work = subject.module.work(subject.config)
    footprint = int(work.bytes)
    gauge.forget()
    between = partial(gauge.measure, footprint)
    judge = kinds.of(subject.kind).checker(subject.directory)
    measured = ladder.measure(
        task, plan, judge, reporter.step, [request.environment], between
    ).rungs
    return {
        "x": value,
        "threads": threads,
        "cost": {
            "operations": work.operations,
            "bytes": work.bytes,
            "bytes_ahead": work.bytes_ahead,
            "footprint": footprint,
            **gauge.rates(footprint),
        },
        "backends": {rung.name: rungs.as_json(rung) for rung in measured},
    }


@dataclass(frozen=True)
class Spot:
    """One figure of a sweep: seconds per sample (of a batch: of all its streams' samples)."""

    x: float
    seconds: Figure


def lines(made: dict[str, Any]) -> dict[str, dict[str, list[Spot]]]:
    """Returns for each panel and backend the figures that there are, from left to right."""
    found: dict[str, dict[str, list[Spot]]] = {}
    for point in made["points"]:
        for backend, rung in point["backends"].items():
            for panel, figure in rungs.figures(rung).items():
                # A slow backend's calls may be shorter than asked for: what they were counts.
                x = rung["single_units"] if made["sweep"] == "length" else point["x"]
                spots = found.setdefault(panel, {}).setdefault(backend, [])
                if not spots or spots[-1].x < x:
                    spots.append(Spot(x, figure))
    return found


def bounds(made: dict[str, Any]) -> list[tuple[float, float]]:
    """Returns the bound on one core at each point: place, seconds per sample.

    Of the layers' sweep alone, in float32 alone, and of all weights: not of pruned ones.
    """
    found = []
    of_all = made["sweep"] == "layers" and "pruned" not in made["settings"]
    for point in made["points"] if of_all else []:
        if not all(map(rung_names.is_exact, point["backends"])):
            continue
        one = point["cost"]
        if one["bytes_per_s"]:
            read, computed = (
                Figure.of([one[name]]).median for name in ("bytes_per_s", "operations_per_s")
            )
            least = Rates(read, computed).bound_s(
                Work(operations=one["operations"], bytes=one["bytes"]), ahead=False
            )
            found.append((float(point["x"]), least))
    return found


def finding(made: dict[str, Any]) -> str:
    """Returns what the sweep shows, in one line."""
    axis, panels = made["sweep"], lines(made)
    panel = panels.get(rungs.TOGETHER if axis == "batch" else rungs.ALONE, {})
    if not panel:
        return "no backend gave the reference's samples"
    best = min(panel, key=lambda name: panel[name][-1].seconds.median)
    spots = panel[best]
    first, last = spots[0], spots[-1]
    gain = first.seconds.median / last.seconds.median
    if axis == "layers":
        slow = next(iter(panel))
        ratio = panel[slow][-1].seconds.median / last.seconds.median
        return (
            f"with {last.x:g} layers in a block {best} makes a sample in "
            f"{seconds_text(last.seconds.median)}"
            + (f", {ratio_text(ratio)} faster than {slow}" if slow != best else "")
        )
    what = {"threads": "thread", "batch": "stream", "length": "sample"}[axis]
    calls = " a call" if axis == "length" else ""
    text = (
        f"{best} needs {seconds_text(first.seconds.median)} for a sample with {first.x:g} {what}"
        f"{'s' * (first.x > 1)}{calls}"
    )
    if first is last:
        return text
    return f"{text}, {seconds_text(last.seconds.median)} with {last.x:g} ({ratio_text(gain)})"


def shown(made: dict[str, Any]) -> Group:
    """Returns tables of the time per sample: a row for each point, a column for each backend."""
    tables: list[Any] = []
    for panel, by_backend in lines(made).items():
        table = Table(box=box.SIMPLE_HEAD, title=f"a sample, {panel}", title_justify="left")
        table.add_column(AXES[made["sweep"]].label, justify="right")
        for backend in by_backend:
            table.add_column(backend, justify="right", no_wrap=True)
        places = sorted({spot.x for spots in by_backend.values() for spot in spots})
        for place in places:
            cells = [
                next((seconds_text(s.seconds.median) for s in spots if s.x == place), "")
                for spots in by_backend.values()
            ]
            table.add_row(f"{place:g}", *cells)
        tables.append(table)
    return Group(*tables, *(Text(text, style="red") for text in without(made)))


def without(made: dict[str, Any]) -> list[str]:
    """Returns why backends have no figures at a point."""
    return [
        f"{made['sweep']} {point['x']}: {backend} {rung['status']}: {rung['reason']}"
        for point in made["points"]
        for backend, rung in point["backends"].items()
        if rung["status"] != ladder.OK
    ]
