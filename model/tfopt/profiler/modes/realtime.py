"""Can one core of this CPU run this WaveNet in real time? Predicted for a grid of sizes, measured for some.

The prediction is the bound of the cost model (`tfopt.wavenet.cost`), at rates measured at each size's
footprint, plus what a backend spends beside the weights: so much for a sample, for a layer, and for an
exponential. These three come from three tiny networks that are measured first; the sizes in the table have no
part in them, so that the errors shown are those of a prediction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from tfopt.profiler import ladder, rung_names, works
from tfopt.profiler.kinds.wavenet import WavenetCourse, checker
from tfopt.profiler.modes import Request, Subject, expect_wavenet, frame
from tfopt.profiler.progress import Reporter
from tfopt.profiler.quantities import rate_text, real_time_text
from tfopt.profiler.rates import Gauge
from tfopt.profiler.statistics import Figure
from tfopt.roofline import Rates, Work
from tfopt.wavenet import cost
from tfopt.wavenet.config import WavenetConfig, doubling
from tfopt.wavenet.presets import PRESETS

Counts = NDArray[np.float64]  # of samples, layers, exponentials; or seconds for one of each

SCHEMA = "tfopt-realtime"
SAMPLE_RATES = (8_000, 16_000, 22_050, 24_000, 44_100, 48_000)
# Residual and gate channels; skip and end channels; blocks of 10 layers.
_GRID = tuple((r, s, blocks) for r in (32, 64, 128) for s in (128, 256) for blocks in (1, 2, 3))
_QUICK_GRID = ((32, 128, 1), (64, 256, 2))
# Of so many sizes of the grid one is measured too.
_MEASURED_EACH = 4
_RATES_EACH = 3
# Layers, gate channels: small enough that weights cost next to nothing.
_TINY = ((1, 8), (40, 8), (40, 64))


@dataclass(frozen=True)
class Size:
    """One row: a config, what is predicted of it, and what was measured, in seconds per sample."""

    name: str
    config: WavenetConfig
    predicted_s: float
    measured: Figure | None

    @property
    def error(self) -> float | None:
        """The predicted samples/s relative to the measured, minus 1; None if nothing was measured."""
        return None if self.measured is None else self.measured.median / self.predicted_s - 1


def sized(base: WavenetConfig, residual: int, skip: int, blocks: int) -> WavenetConfig:
    """Returns a config of this size that is otherwise like another."""
    return replace(
        base,
        residual_channels=residual,
        gate_channels=residual,
        skip_channels=skip,
        end_channels=skip,
        dilations=doubling(10, blocks),
    )


def measure(request: Request, reporter: Reporter) -> dict[str, Any]:
    """Measures, and returns the results document. The rung is the last one asked for.

    The rows are the grid, and first of all the request's own model.

    Raises:
        RuntimeError: TensorFlow cannot be imported, the rates or a tiny network cannot be measured.
    """
    own_config = expect_wavenet("realtime", request.subject)
    made = frame(SCHEMA, request, reporter)
    grid = _QUICK_GRID if request.quick else _GRID
    rows = [(request.subject.name, own_config, True)] + [
        (
            f"R{r} S{s} {10 * blocks} layers",
            sized(PRESETS["default"], r, s, blocks),
            not n % _MEASURED_EACH,
        )
        for n, (r, s, blocks) in enumerate(grid)
    ]
    tiny = [(f"tiny-{n}", _tiny(*one)) for n, one in enumerate(_TINY)]
    subjects = {name: request.made(name.replace(" ", "-"), config) for name, config in tiny}
    subjects |= {name: request.made(name.replace(" ", "-"), config) for name, config, _ in rows[1:]}
    subjects[request.subject.name] = request.subject
    costs = {name: _cost(request, subject) for name, subject in subjects.items()}
    with Gauge(request.environment) as gauge:
        reporter.begin("rates of this core", len(costs) * _RATES_EACH)
        for _ in range(_RATES_EACH):
            for work in costs.values():
                gauge.measure(int(work.bytes))
                reporter.step("rates of this core")
    if gauge.reason:
        raise RuntimeError(f"rates cannot be measured: {gauge.reason}")
    calibration = []
    for name, config in tiny:
        timed = _timed(request, reporter, subjects[name])
        if timed["status"] != ladder.OK:
            raise RuntimeError(f"{request.rungs[-1]} {timed['status']}: {timed['reason']}")
        calibration.append(_row(name, config, costs[name], gauge, timed))
    found = []
    for name, config, wanted in rows:
        timing = _timed(request, reporter, subjects[name]) if wanted else None
        found.append(_row(name, config, costs[name], gauge, timing))
    return {**made, "backend": request.rungs[-1], "calibration": calibration, "rows": found}


def _cost(request: Request, subject: Subject) -> Work:
    """What a sample of a model costs on the rung that is measured."""
    config, rung = expect_wavenet("realtime", subject), request.rungs[-1]
    reduced = works.of_rungs(
        subject.directory, [rung], lambda stored: cost.total(config, stored=stored)
    )
    return reduced.get(rung) or cost.total(config)


def _tiny(layers: int, gate: int) -> WavenetConfig:
    small = sized(PRESETS["small"], 8, 8, 1)
    dilations = doubling(10, -(-layers // 10))[:layers]
    return replace(small, gate_channels=gate, dilations=dilations)


def _row(
    name: str, config: WavenetConfig, work: Work, gauge: Gauge, timed: dict[str, Any] | None
) -> dict[str, Any]:
    footprint = int(work.bytes)
    return {
        "name": name,
        "config": config.to_dict(),
        "footprint": footprint,
        "bytes_ahead": work.bytes_ahead,
        "rates": gauge.rates(footprint),
        "measured": timed,
    }


def _timed(request: Request, reporter: Reporter, subject: Subject) -> dict[str, Any]:
    plan = replace(request.plan, streams=0, rounds=min(request.plan.rounds, 5))
    task = ladder.Task(
        name=subject.name,
        kind="wavenet",
        directory=str(subject.directory),
        rungs=request.rungs[-1:],
        threads=1,
        course=WavenetCourse(expect_wavenet("realtime", subject), plan, request.seed),
    )
    reporter.begin(f"{subject.name}, {request.rungs[-1]}", ladder.steps(task, plan))
    judge = checker(subject.directory)
    environments = [request.environment]
    (rung,) = ladder.measure(task, plan, judge, reporter.step, environments).rungs
    return {
        "status": rung.status,
        "reason": rung.reason,
        "check": rung.check.as_json(),
        "single_units": rung.single_units,
        "rounds": rung.rounds,
    }


def sizes(made: dict[str, Any]) -> list[Size]:
    """Returns the rows with what is predicted of them."""
    beside = overheads(made)
    return [
        Size(
            name=row["name"],
            config=_config(row),
            predicted_s=_bound(row, made) + float(_counts(_config(row)) @ beside),
            measured=_figure(row),
        )
        for row in made["rows"]
    ]


def overheads(made: dict[str, Any]) -> Counts:
    """Returns what is spent beside the weights, in seconds: a sample, a layer, an exponential."""
    rows = made["calibration"]
    counts = np.stack([_counts(_config(row)) for row in rows])
    beside = []
    for row in rows:
        figure = _figure(row)
        assert figure is not None  # noqa: S101
        beside.append(figure.median - _bound(row, made))
    found: Counts = np.maximum(np.linalg.solve(counts, beside), 0.0)
    return found


def _counts(config: WavenetConfig) -> Counts:
    return np.array([1.0, len(config.dilations), cost.total(config).functions])


def _bound(row: dict[str, Any], made: dict[str, Any]) -> float:
    read, computed = (
        Figure.of([row["rates"][name]]).median for name in ("bytes_per_s", "operations_per_s")
    )
    work = cost.total(_config(row))
    # Files of old, which are of dense float32, do not say it.
    work = replace(work, bytes_ahead=row.get("bytes_ahead", work.bytes_ahead))
    rates = Rates(read, computed)
    # How many operations are left of pruned weights, or what integers take, is not known.
    dense = rung_names.is_exact(made["backend"]) and "pruned" not in made["settings"]
    bound = rates.bound_s if dense else rates.reading_s
    return bound(work, ahead=True)


def _config(row: dict[str, Any]) -> WavenetConfig:
    return WavenetConfig.from_dict(row["config"], row["name"])


def _figure(row: dict[str, Any]) -> Figure | None:
    timed = row["measured"]
    if timed is None or not timed["rounds"]:
        return None
    samples = timed["single_units"]
    return Figure.of(
        [[v / samples for v in one["singles"]["latency_s"]] for one in timed["rounds"]]
    )


def finding(made: dict[str, Any]) -> str:
    """Returns the answer for the model asked about, and how good the predictions are, in one line."""
    found = sizes(made)
    own = found[0]
    seconds = own.measured.median if own.measured else own.predicted_s
    factor = 1 / (seconds * own.config.sample_rate)
    errors = [abs(size.error) for size in found if size.error is not None]
    answer = "runs in real time" if factor >= 1 else "does not run in real time"
    text = f"{answer} on one core ({real_time_text(factor)} at {own.config.sample_rate:,} Hz)"
    return text + (f"; predictions off by at most {max(errors):.0%}" if errors else "")


def shown(made: dict[str, Any]) -> Group:
    """Returns the table that the terminal prints: seconds of audio a second, by sample rate."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("\nsize", no_wrap=True)
    for heading in ("predicted\nsamples/s", "measured\nsamples/s", "\nerror"):
        table.add_column(heading, justify="right", no_wrap=True)
    for rate in SAMPLE_RATES:
        table.add_column(f"\n{rate / 1000:g} kHz", justify="right", no_wrap=True)
    for size in sizes(made):
        seconds = size.measured.median if size.measured else size.predicted_s
        factors = [1 / (seconds * rate) for rate in SAMPLE_RATES]
        table.add_row(
            size.name,
            rate_text(1 / size.predicted_s),
            rate_text(1 / size.measured.median) if size.measured else "",
            f"{size.error:+.0%}" if size.error is not None else "",
            *(Text(real_time_text(one), style="green" if one >= 1 else "red") for one in factors),
        )
    note = (
        "By sample rate: seconds of audio that one stream yields in a second; as measured, or as predicted "
        "where nothing was measured."
    )
    return Group(table, note, *(Text(text, style="red") for text in without(made)))


def without(made: dict[str, Any]) -> list[str]:
    """Returns why sizes that were to be measured were not."""
    return [
        f"{row['name']} {row['measured']['status']}: {row['measured']['reason']}"
        for row in made["rows"]
        if row["measured"] and row["measured"]["status"] != ladder.OK
    ]
