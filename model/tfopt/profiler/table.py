"""The tables that a run prints: two for each model, one row for each backend."""

from __future__ import annotations

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from tfopt.profiler import quantities
from tfopt.profiler.quantities import (
    amount_text,
    batch_text,
    bytes_text,
    rate_text,
    ratio_text,
    real_time_text,
    seconds_text,
    share_text,
)
from tfopt.profiler.results import Cost, Measured, ModelResult, Profile

_AUDIO = (
    " Real time: seconds of audio that one stream yields in a second. Of bound: of the samples/s at which "
    "one core could read a sample's weights (of a WaveRNN what hoisting leaves); more than 100 % reads fewer."
)
_REDUCED = (
    " As float32: the part of the outputs that the reference gives too (of samples: after the same ones). "
    "`tfopt evaluate` tells how accurate they are."
)


def of(result: ModelResult) -> Group:
    """Returns the tables of one model, each to fit 80 columns behind short names: speed, and costs."""
    one, many = f"one {result.unit}\nmedian", f"in batches\n{result.unit}s/s"
    audio = result.sample_rate is not None
    more = ["one stream\nsamples/s", "\nreal time"] if audio else ["\np95"]
    bound = ["\nof bound"] if result.cost else []
    same = ["as\nfloat32"] if result.reduced else []
    speed = _table(one, *more, *bound, "\nspeed-up", many, "\nspeed-up")
    speed.title = result.name
    what = "one stream" if audio else f"one {result.unit}"
    cost = _table(
        *("cold start\nimport", "\nload", "\nfirst call", "peak\nmemory"),
        *(f"CPU\n{what}", "\nbatches"),
        *same,
    )
    base = result.measured[0][1] if result.measured else None
    for entry in result.entries:
        if entry.measured is None or base is None:
            speed.add_row(entry.backend, Text(entry.status, style="bold red"))
        else:
            speed.add_row(entry.backend, *_speed(result, entry.measured, base))
            cost.add_row(entry.backend, *_cost(entry.measured, reduced=result.reduced))
    reasons = [f"{e.backend} {e.status}: {e.reason}" for e in result.entries if e.reason]
    tables = [speed, cost] if base else [speed]
    notes = [bound_text(result)] if result.cost else []
    notes += [f"{result.note}\n"] if result.note else []
    return Group(*tables, *notes, *(Text(reason, style="red") for reason in reasons))


def bound_text(result: ModelResult) -> str:
    """Returns what a sample costs, what the core was measured to do, and the bounds that follow."""
    assert result.cost is not None  # noqa: S101
    return "\n".join(
        [
            _bound_text(result.cost),
            *(_rung_bound_text(rung, cost) for rung, cost in result.rung_costs),
            "",
        ]
    )


def _rung_bound_text(rung: str, cost: Cost) -> str:
    return (
        f"{rung}: {amount_text(cost.bytes, 'B')}{_in_blocks(cost)}, read at "
        f"{amount_text(cost.bytes_per_s.median, 'B/s')} ±{cost.bytes_per_s.noise:.0%}. "
        f"Bound: {_bounds_text(cost)}."
    )


def _in_blocks(cost: Cost) -> str:
    if cost.bytes_ahead >= cost.bytes:
        return ""
    return f" ({amount_text(cost.bytes_ahead, 'B')} if what can be made ahead is made in blocks)"


def _bounds_text(cost: Cost) -> str:
    plain, ahead = (rate_text(1 / cost.bound_s(ahead=ahead)) for ahead in (False, True))
    return f"{plain} samples/s" + (f", in blocks {ahead}" if cost.bytes_ahead < cost.bytes else "")


def _bound_text(cost: Cost) -> str:
    assert cost.operations_per_s is not None  # noqa: S101
    return (
        f"A sample: {cost.parameters:,} parameters, {amount_text(cost.operations, 'FLOP')}, "
        f"{amount_text(cost.bytes, 'B')} of weights{_in_blocks(cost)}.\nOne core: reads them at "
        f"{amount_text(cost.bytes_per_s.median, 'B/s')} ±{cost.bytes_per_s.noise:.0%}, computes "
        f"{amount_text(cost.operations_per_s.median, 'FLOP/s')} ±{cost.operations_per_s.noise:.0%}. "
        f"Bound: {_bounds_text(cost)}."
    )


def _table(*headings: str) -> Table:
    table = Table(title_style="bold", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("\nbackend", no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def legend(profile: Profile) -> str:
    """Returns what the tables' figures mean."""
    threads = f"{profile.threads} thread{'s' if profile.threads > 1 else ''}"
    quick = f"{quantities.QUICK.capitalize()}. " if profile.quick else ""
    return (
        f"{quick}{threads}, {profile.rounds} rounds. ±: half the range of the rounds' medians. Speed-up: "
        "against the first row. CPU: 100 % is one core kept busy. Cold start with TensorFlow's "
        "files in the page cache. Every output was compared with the reference."
        + (_AUDIO if any(model.sample_rate for model in profile.models.values()) else "")
        + (_REDUCED if any(model.reduced for model in profile.models.values()) else "")
    )


def _speed(result: ModelResult, measured: Measured, base: Measured) -> list[str]:
    latency, throughput = measured.latency_s, measured.throughput
    size = batch_text(measured.batch_items, result.batch)
    real_time, of_bound = result.real_time(measured), result.of_bound(measured)
    more = [seconds_text(measured.latency_p95_s)]
    if real_time is not None:
        more = [rate_text(1 / latency.median), real_time_text(real_time)]
    return [
        f"{seconds_text(latency.median)} ±{latency.noise:.0%}",
        *more,
        *(["" if of_bound is None else share_text(of_bound)] if result.cost else []),
        ratio_text(base.latency_s.median / latency.median),
        f"{rate_text(throughput.median)} ±{throughput.noise:.0%}" + ("\n" + size if size else ""),
        ratio_text(throughput.median / base.throughput.median),
    ]


def _cost(measured: Measured, *, reduced: bool) -> list[str]:
    return [
        f"{measured.import_s:.2f} s",
        f"{measured.load_s:.2f} s",
        f"{measured.first_call_s:.2f} s",
        bytes_text(measured.peak_bytes),
        f"{measured.cpu_single:.0%}",
        f"{measured.cpu_batch:.0%}",
        *(["" if measured.agreement is None else f"{measured.agreement:.1%}"] if reduced else []),
    ]
