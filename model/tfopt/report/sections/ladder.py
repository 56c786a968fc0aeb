"""The ladder of each model: one unit alone, many in batches, and all figures in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tfopt.profiler.quantities import (
    QUICK,
    batch_text,
    bytes_text,
    rate_text,
    ratio_text,
    real_time_text,
    seconds_text,
    share_text,
)
from tfopt.profiler.results import Measured, ModelResult
from tfopt.report import charts, colours, dots, ladders, ratios
from tfopt.report.dots import Dot, Mark
from tfopt.report.folder import Contents
from tfopt.report.ladders import Ladder
from tfopt.report.markup import Markup, element, joined, paragraph
from tfopt.report.tables import EMPTY, Cell, Column, table


def section(contents: Contents) -> Markup:
    """Returns each model's ladder, what other runs say of it, and a table of runs of one backend alone."""
    parts = []
    shown = set()
    for ladder in ladders.steps(contents):
        first = ladder.model.name not in shown
        shown.add(ladder.model.name)
        parts.append(_ladder(ladder) if first else _folded(ladder))
    if single := ladders.single(contents):
        parts.append(_singles(single))
    return joined(parts)


def _ladder(ladder: Ladder) -> Markup:
    model, run = ladder.model, ladder.run
    quick = [paragraph(QUICK.capitalize() + ".", class_="warning")] if run.quick else []
    failed = [
        paragraph(f"{entry.backend} {entry.status}: {entry.reason}", class_="warning")
        for entry in model.entries
        if entry.measured is None
    ]
    plots = (
        [element("div", _latency(ladder), _throughput(ladder), class_="pair")]
        if model.measured
        else []
    )
    heading = element("h3", model.name, element("span", ladder.file.name, class_="file"))
    tables = [_table(ladder)] if model.measured else []
    notes = [paragraph(model.note, class_="faint")] if model.note else []
    return element("section", heading, *quick, *failed, *plots, *notes, *tables)


def _folded(ladder: Ladder) -> Markup:
    """Returns a ladder that opens on demand: another run of a model that was shown."""
    title = f"{ladder.model.name} in {ladder.file.name}"
    return element("details", element("summary", title), _ladder(ladder))


def _latency(ladder: Ladder) -> Markup:
    model, (slow, base) = ladder.model, ladder.base
    title = f"Time for one {model.unit}" + (" of one stream" if model.sample_rate else ", alone")
    found = [
        _dot(
            *(place, backend, measured.latency_s.median),
            *(measured.latency_s.low, measured.latency_s.high),
            seconds_text(measured.latency_s.median),
            note=""
            if backend == slow
            else ratio_text(ratios.shorter(base.latency_s, measured.latency_s).ratio),
        )
        for place, (backend, measured) in enumerate(model.measured)
    ]
    marks, notes = [], []
    if model.own_costs:
        found = [
            replace(dot, bound=model.bound_s(measured))
            for dot, (_, measured) in zip(found, model.measured, strict=True)
        ]
        notes.append("Dashed: the bound, one core reading a sample's weights as this row has them.")
    elif model.cost:
        bound = model.cost.bound_s(ahead=False)
        marks.append(Mark(bound, "dash"))
        notes.append(
            f"Dashed: the bound, one core reading a sample's weights, {seconds_text(bound)}."
        )
    if model.sample_rate:
        marks.append(Mark(1 / model.sample_rate, "dot"))
        notes.append(
            f"Dotted: real time at {model.sample_rate:,.0f} Hz, {seconds_text(1 / model.sample_rate)}."
        )
    return dots.plot(
        found, title, charts.tick_seconds, _described(model, title, found), marks=marks, notes=notes
    )


def _throughput(ladder: Ladder) -> Markup:
    model, (slow, base) = ladder.model, ladder.base
    sizes = sorted({measured.batch_items for _, measured in model.measured}, reverse=True)
    title = f"{model.unit.capitalize()}s a second in batches of " + " or ".join(
        f"{size:,}" for size in sizes
    )
    found = []
    for place, (backend, measured) in enumerate(model.measured):
        figure = measured.throughput
        gain = "" if backend == slow else ratio_text(ratios.higher(base.throughput, figure).ratio)
        size = batch_text(measured.batch_items, model.batch)
        found.append(
            _dot(
                *(place, backend, figure.median, figure.low, figure.high),
                rate_text(figure.median),
                note=f"{gain} {size}".strip(),
            )
        )
    return dots.plot(found, title, charts.tick_rate, _described(model, title, found))


def _dot(
    place: int, backend: str, value: float, low: float, high: float, text: str, note: str
) -> Dot:
    return Dot(backend, colours.of_rung(backend, place), value, low, high, text, note)


def _described(model: ModelResult, title: str, found: Sequence[Dot]) -> str:
    return f"{model.name}, {title}: " + ", ".join(f"{dot.label} {dot.text}" for dot in found)


def _table(ladder: Ladder) -> Markup:
    model = ladder.model
    audio, cost = model.sample_rate is not None, model.cost is not None
    headings = [
        *(f"one {model.unit}", "p95", "speed-up"),
        *(["real time"] if audio else []),
        *(["of bound"] if cost else []),
        *(["as float32"] if model.reduced else []),
        *(f"{model.unit}s/s in batches", "speed-up", "cold start", "peak memory"),
        *("CPU alone", "CPU in batches"),
    ]
    columns = [Column("backend", numbers=False), *map(Column, headings)]
    rows = []
    for place, (backend, measured) in enumerate(model.measured):
        name = colours.swatch(backend, colours.of_rung(backend, place))
        rows.append([Cell(name), *_figures(ladder, measured)])
    return table(f"{model.name}: all figures", columns, rows)


def _figures(ladder: Ladder, measured: Measured) -> list[Cell]:
    model, (_, base) = ladder.model, ladder.base
    latency, throughput = measured.latency_s, measured.throughput
    real_time, of_bound = model.real_time(measured), model.of_bound(measured)
    faster = base.latency_s.median / latency.median
    more = throughput.median / base.throughput.median
    size = batch_text(measured.batch_items, model.batch)
    return [
        Cell(f"{seconds_text(latency.median)} ±{latency.noise:.0%}", latency.median),
        Cell(seconds_text(measured.latency_p95_s), measured.latency_p95_s),
        Cell(ratio_text(faster), faster),
        *([] if real_time is None else [Cell(real_time_text(real_time), real_time)]),
        *([_part_of_bound(of_bound)] if model.cost else []),
        *([_agreement(measured)] if model.reduced else []),
        Cell(
            f"{rate_text(throughput.median)} ±{throughput.noise:.0%} {size}".rstrip(),
            throughput.median,
        ),
        Cell(ratio_text(more), more),
        Cell(f"{measured.cold_start_s:.1f} s", measured.cold_start_s),
        Cell(bytes_text(measured.peak_bytes), measured.peak_bytes),
        Cell(f"{measured.cpu_single:.0%}", measured.cpu_single),
        Cell(f"{measured.cpu_batch:.0%}", measured.cpu_batch),
    ]


def _part_of_bound(part: float | None) -> Cell:
    return EMPTY if part is None else Cell(share_text(part), part)


def _agreement(measured: Measured) -> Cell:
    """Returns which part of the outputs the reference gives too, of weights of fewer bits."""
    part = measured.agreement
    return EMPTY if part is None else Cell(f"{part:.1%}", part)


def _singles(found: Sequence[Ladder]) -> Markup:
    """Returns a table of the runs that hold one backend: they are compared in files of their own."""
    columns = [
        Column("file", numbers=False),
        Column("model", numbers=False),
        Column("backend", numbers=False),
        *map(Column, ("one alone", "a second, in batches", "cold start", "peak memory", "threads")),
    ]
    rows = []
    for ladder in found:
        (entry,) = ladder.model.entries
        measured = entry.measured
        names = [
            Cell(ladder.file.name),
            Cell(ladder.model.name),
            Cell(colours.swatch(entry.backend, colours.of_rung(entry.backend, 0))),
        ]
        if measured is None:
            rows.append([*names, Cell(f"{entry.status}: {entry.reason}", look="bad"), *[EMPTY] * 4])
            continue
        latency, throughput = measured.latency_s, measured.throughput
        rows.append(
            [
                *names,
                Cell(f"{seconds_text(latency.median)} ±{latency.noise:.0%}", latency.median),
                Cell(f"{rate_text(throughput.median)} ±{throughput.noise:.0%}", throughput.median),
                Cell(f"{measured.cold_start_s:.1f} s", measured.cold_start_s),
                Cell(bytes_text(measured.peak_bytes), measured.peak_bytes),
                Cell(f"{ladder.run.threads}", ladder.run.threads),
            ]
        )
    return joined(
        [element("h3", "Runs of one backend"), table("Runs of one backend alone", columns, rows)]
    )
