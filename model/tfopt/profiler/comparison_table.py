"""The table that a comparison prints, one for each model."""

from __future__ import annotations

from rich import box
from rich.table import Table
from rich.text import Text

from tfopt.profiler.comparison import LADDER, Change, Comparison, Row
from tfopt.profiler.quantities import batch_text, bytes_text, rate_text, ratio_text, seconds_text


def of(comparison: Comparison, model: str) -> Table:
    """Returns the table of one model: ratios to the first run, and whether they are noise."""
    first = comparison.runs[0].models[model]
    unit = first.unit
    batches = f"{first.batch:,} streams" if unit == "sample" else f"batches of {first.batch:,}"
    table = Table(
        title=model,
        title_style="bold",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("backend", no_wrap=True)
    table.add_column("run", overflow="fold")
    for heading in (
        f"one {unit}\nmedian",
        "\nratio",
        f"{batches}\n{unit}s/s",
        "\nratio",
        "cold\nstart",
        "peak\nmemory",
    ):
        table.add_column(heading, justify="right")
    for group in comparison.models[model]:
        for row in group.rows:
            cells = _cells(row, first.batch)
            table.add_row(row.entry.backend, Text(row.run), *cells)
        if comparison.kind != LADDER:
            table.add_section()
    reasons = [
        f"{row.run} {row.entry.backend} {row.entry.status}: {row.entry.reason}"
        for group in comparison.models[model]
        for row in group.rows
        if row.entry.measured is None
    ]
    if reasons:
        table.caption = Text("\n".join(reasons), style="red")
        table.caption_justify = "left"
    return table


def _cells(row: Row, batch: int) -> list[str | Text]:
    measured = row.entry.measured
    if measured is None:
        return [Text(row.entry.status, style="bold red")]
    latency, throughput = measured.latency_s, measured.throughput
    size = batch_text(measured.batch_items, batch)
    return [
        f"{seconds_text(latency.median)} ±{latency.noise:.0%}",
        _change(row.latency),
        f"{rate_text(throughput.median)} ±{throughput.noise:.0%}" + ("\n" + size if size else ""),
        _change(row.throughput),
        f"{measured.cold_start_s:.1f} s",
        bytes_text(measured.peak_bytes),
    ]


def _change(change: Change | None) -> str | Text:
    if change is None:
        return ""
    if change.noise is False:
        colour = "green" if change.ratio > 1 else "red"
        return Text(ratio_text(change.ratio), style=f"bold {colour}")
    return Text(ratio_text(change.ratio) + change.mark, style="dim")
