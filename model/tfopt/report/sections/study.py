"""Caching and quantization: what a cache and fewer bits bring a WaveNet, in PyTorch and in tfopt."""

from __future__ import annotations

from collections.abc import Sequence

from tfopt.profiler import rung_names
from tfopt.profiler.quantities import ratio_text, seconds_text
from tfopt.report import charts, colours, dots, study_files
from tfopt.report.dots import Dot
from tfopt.report.folder import Contents, File
from tfopt.report.markup import Markup, element, joined, paragraph
from tfopt.report.study_files import Row, Study, Timing
from tfopt.report.tables import EMPTY, Cell, Column, table


def section(contents: Contents) -> Markup:
    """Returns charts for each number of CPUs, and a table, of each file."""
    return joined(_study(file, study) for file, study in contents.of(Study))


def _study(file: File, study: Study) -> Markup:
    counts = list(dict.fromkeys(row.cpus for row in study.rows))
    charts_of = [
        chart for cpus in counts for chart in _charts([r for r in study.rows if r.cpus == cpus])
    ]
    return element(
        "section",
        element("h3", study.model, element("span", file.name, class_="file")),
        paragraph(
            "One stream, greedily. Without a cache the whole receptive field is computed again for each "
            "sample. Int8 of PyTorch is its dynamic quantization. As float32: the part of the cached samples "
            "that float32 would draw after the same ones."
        ),
        element("div", *charts_of, class_="pair"),
        _table(study),
    )


def _charts(rows: Sequence[Row]) -> list[Markup]:
    cpus = f"{rows[0].cpus} CPU" + "s" * (rows[0].cpus > 1)
    without = [(row, row.generate) for row in rows if row.generate is not None]
    parts = [("without a cache", without)] if without else []
    return [
        _chart(f"A sample {what}, {cpus}", timings)
        for what, timings in [*parts, ("cached", [(row, row.cached) for row in rows])]
    ]


def _chart(title: str, timings: Sequence[tuple[Row, Timing]]) -> Markup:
    base = timings[0][1].seconds.median
    found = [
        Dot(
            *(row.name, _colour(row.name, place)),
            *(timing.seconds.median, timing.seconds.low, timing.seconds.high),
            seconds_text(timing.seconds.median),
            ratio_text(base / timing.seconds.median) if place else "",
        )
        for place, (row, timing) in enumerate(timings)
    ]
    described = ", ".join(f"{dot.label} {dot.text}" for dot in found)
    return dots.plot(found, title, charts.tick_seconds, f"{title}: {described}")


def _colour(name: str, place: int) -> str:
    program, _, compute_type = name.partition(" ")
    if program == "tfopt" and compute_type in rung_names.TYPES:
        return colours.of_rung(rung_names.name("native", compute_type), place)
    return colours.of_series(place)


def _table(study: Study) -> Markup:
    columns = [Column("", numbers=False), Column("CPUs"), *map(Column, study_files.HEADINGS)]
    rows = [
        [
            Cell(row.name),
            Cell(str(row.cpus), row.cpus),
            *(EMPTY if number is None else Cell(text, number) for text, number in row.cells()),
        ]
        for row in study.rows
    ]
    return table(
        f"{study.model}: time of a sample, CPU time in it, conversion, size", columns, rows
    )
