"""The tables that a run prints: two for each model, one row for each backend."""

from __future__ import annotations

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from tfopt.profiler import quantities
from tfopt.profiler.quantities import batch_text, bytes_text, rate_text, ratio_text, seconds_text
from tfopt.profiler.results import Measured, ModelResult, Profile


def of(result: ModelResult, batch: int) -> Group:
    """Returns the tables of one model, each to fit 80 columns: its speed, and what it costs.

    Args:
        result: the model's figures.
        batch: items in a batch, as asked for.
    """
    one, many = f"one {result.unit}\nmedian", f"in batches\n{result.unit}s/s"
    speed = _table(one, "\np95", "\nspeed-up", many, "\nspeed-up")
    speed.title = result.name
    cost = _table(
        *("cold start\nimport", "\nload", "\nfirst call", "peak\nmemory"),
        *(f"CPU\none {result.unit}", "\nbatches"),
    )
    base = result.measured[0][1] if result.measured else None
    for entry in result.entries:
        if entry.measured is None or base is None:
            speed.add_row(entry.backend, Text(entry.status, style="bold red"))
        else:
            speed.add_row(entry.backend, *_speed(entry.measured, base, batch))
            cost.add_row(entry.backend, *_cost(entry.measured))
    reasons = [f"{e.backend} {e.status}: {e.reason}" for e in result.entries if e.reason]
    tables = [speed, cost] if base else [speed]
    return Group(*tables, *(Text(reason, style="red") for reason in reasons))


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
    )


def _speed(measured: Measured, base: Measured, batch: int) -> list[str]:
    latency, throughput = measured.latency_s, measured.throughput
    size = batch_text(measured.batch_items, batch)
    return [
        f"{seconds_text(latency.median)} ±{latency.noise:.0%}",
        seconds_text(measured.latency_p95_s),
        ratio_text(base.latency_s.median / latency.median),
        f"{rate_text(throughput.median)} ±{throughput.noise:.0%}" + ("\n" + size if size else ""),
        ratio_text(throughput.median / base.throughput.median),
    ]


def _cost(measured: Measured) -> list[str]:
    return [
        f"{measured.import_s:.2f} s",
        f"{measured.load_s:.2f} s",
        f"{measured.first_call_s:.2f} s",
        bytes_text(measured.peak_bytes),
        f"{measured.cpu_single:.0%}",
        f"{measured.cpu_batch:.0%}",
    ]
