"""The table that a run prints: one for each model, one row for each backend."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from tfopt.profiler import quantities
from tfopt.profiler.quantities import batch_text, bytes_text, rate_text, ratio_text, seconds_text
from tfopt.profiler.results import Measured, ModelResult, Profile


def of(result: ModelResult, batch: int) -> Table:
    """Returns the table of one model.

    Args:
        result: the model's figures.
        batch: items in a batch, as asked for.
    """
    table = Table(title=result.name, title_style="bold", title_justify="left")
    table.add_column("backend", no_wrap=True)
    for heading in (
        f"one {result.unit}\nmedian",
        "\np95",
        "\nspeed-up",
        f"in batches\n{result.unit}s/s",
        "\nspeed-up",
        "cold start, s\nimport load first",
        "peak\nmemory",
        "CPU\none / batch",
    ):
        table.add_column(heading, justify="right")
    base = result.measured[0][1] if result.measured else None
    for entry in result.entries:
        if entry.measured is None or base is None:
            table.add_row(entry.backend, Text(entry.status, style="bold red"))
        else:
            table.add_row(entry.backend, *_cells(entry.measured, base, batch))
    reasons = [f"{e.backend} {e.status}: {e.reason}" for e in result.entries if e.reason]
    if reasons:
        table.caption = Text("\n".join(reasons), style="red")
        table.caption_justify = "left"
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


def _cells(measured: Measured, base: Measured, batch: int) -> list[str]:
    latency, throughput = measured.latency_s, measured.throughput
    size = batch_text(measured.batch_items, batch)
    return [
        f"{seconds_text(latency.median)} ±{latency.noise:.0%}",
        seconds_text(measured.latency_p95_s),
        ratio_text(base.latency_s.median / latency.median),
        f"{rate_text(throughput.median)} ±{throughput.noise:.0%}" + ("\n" + size if size else ""),
        ratio_text(throughput.median / base.throughput.median),
        f"{measured.import_s:.1f} {measured.load_s:5.2f} {measured.first_call_s:5.2f}",
        bytes_text(measured.peak_bytes),
        f"{measured.cpu_single:.0%} / {measured.cpu_batch:.0%}",
    ]
