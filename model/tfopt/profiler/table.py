"""The table that a run prints: one for each model, one row for each backend."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from tfopt.profiler.ladder import REFUSED
from tfopt.profiler.quantities import bytes_text, rate_text, ratio_text, seconds_text
from tfopt.profiler.results import Measured, ModelResult


def of(result: ModelResult, batch: int) -> Table:
    """Returns the table of one model.

    Args:
        result: the model's figures.
        batch: items in a batch, as asked for.
    """
    table = Table(title=result.name, title_style="bold", title_justify="left", expand=False)
    table.add_column("backend", no_wrap=True)
    table.add_column(f"one {result.unit}\nmedian", justify="right", no_wrap=True)
    table.add_column("\np95", justify="right", no_wrap=True)
    table.add_column("speed-up\n", justify="right", no_wrap=True)
    table.add_column(f"in batches\n{result.unit}s/s", justify="right", no_wrap=True)
    table.add_column("speed-up\n", justify="right", no_wrap=True)
    table.add_column("cold start\nimport + load + first", justify="right", no_wrap=True)
    table.add_column("peak\nmemory", justify="right", no_wrap=True)
    table.add_column("CPU\none / batch", justify="right", no_wrap=True)
    base = result.measured[0][1] if result.measured else None
    for entry in result.entries:
        if entry.measured is None or base is None:
            style = "bold red" if entry.status == REFUSED else "red"
            table.add_row(entry.backend, Text(entry.status, style=style))
        else:
            table.add_row(entry.backend, *_cells(entry.measured, base, batch))
    for entry in result.entries:
        if entry.measured is None:
            line = f"{entry.backend} {entry.status}: {entry.reason}"
            table.caption = f"{table.caption}\n{line}" if table.caption else line
    table.caption_justify = "left"
    return table


def _cells(measured: Measured, base: Measured, batch: int) -> list[str]:
    latency, throughput = measured.latency_s, measured.throughput
    items = "" if measured.batch_items == batch else f"\n(of {measured.batch_items:,})"
    return [
        f"{seconds_text(latency.median)} ±{latency.noise:.0%}",
        seconds_text(measured.latency_p95_s),
        ratio_text(base.latency_s.median / latency.median),
        f"{rate_text(throughput.median)} ±{throughput.noise:.0%}{items}",
        ratio_text(throughput.median / base.throughput.median),
        f"{measured.import_s:.1f} + {measured.load_s:.2f} + {measured.first_call_s:.2f} s",
        bytes_text(measured.peak_bytes),
        f"{measured.cpu_single:.0%} / {measured.cpu_batch:.0%}",
    ]
