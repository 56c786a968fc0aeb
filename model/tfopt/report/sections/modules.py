"""Time per module of the native step."""

from __future__ import annotations

from plotly.graph_objects import Figure  # type: ignore[import-untyped]

from tfopt.profiler.modes import heading, modules, subtitle
from tfopt.profiler.modes.modules import Part
from tfopt.profiler.quantities import amount_text
from tfopt.report import charts, colours
from tfopt.report.folder import Contents, File
from tfopt.report.markup import Markup, element, joined, paragraph
from tfopt.report.question_files import Modules
from tfopt.report.tables import EMPTY, Cell, Column, table

_ROW, _REST = 32, 52  # pixels


def section(contents: Contents) -> Markup:
    """Returns a chart and a table for each file."""
    return joined(_modules(file, found) for file, found in contents.of(Modules))


def _modules(file: File, found: Modules) -> Markup:
    parts = modules.parts(found.made)
    title = heading(found.made, modules.rung_of(found.made), found.finding)
    read = modules.bandwidth(found.made)
    notes = ["One thread, one stream. Bars span the medians of the rounds."]
    notes += [f"One core reads as many weights at {amount_text(read, 'B/s')}."] if read else []
    return element(
        "section",
        element("h3", title, element("span", file.name, class_="file")),
        paragraph(subtitle(found.made), class_="faint"),
        charts.chart(_figure(parts, modules.rung_of(found.made)), _described(parts), notes),
        _table(parts),
    )


def _figure(parts: list[Part], rung: str) -> Figure:
    medians = [part.seconds.median for part in parts]
    names = [part.name for part in parts]
    longest = max(part.seconds.high for part in parts)
    limit = longest / charts.part_for_marks(names, "10.5 µs  100%")
    figure = charts.figure(
        _ROW * len(parts) + _REST,
        xaxis=charts.axis(
            **charts.seconds_ticks(longest), range=[0, limit], title="time for a sample"
        ),
        yaxis=charts.rows_axis(names),
        annotations=[
            charts.beside(
                part.seconds.high,
                place,
                charts.tick_seconds(part.seconds.median),
                f"{part.share:.0%}",
            )
            for place, part in enumerate(parts)
        ],
    )
    figure.add_bar(
        orientation="h",
        x=medians,
        y=list(range(len(parts))),
        width=0.6,
        marker={"color": colours.of_rung(rung, 0)},
        error_x={
            "array": [part.seconds.high - part.seconds.median for part in parts],
            "arrayminus": [part.seconds.median - part.seconds.low for part in parts],
            "color": colours.INK,
            "thickness": 1.5,
            "width": 4,
        },
        hoverinfo="none",
    )
    return figure


def _described(parts: list[Part]) -> str:
    return "Time for a sample: " + ", ".join(
        f"{part.name} {charts.tick_seconds(part.seconds.median)} ({part.share:.0%})"
        for part in parts
    )


def _table(parts: list[Part]) -> Markup:
    columns = [
        Column("module", numbers=False),
        *map(Column, ("a sample", "share", "weights read", "read at")),
    ]
    return table("Time per module", columns, list(map(_cells, parts)))


def _cells(part: Part) -> list[Cell]:
    seconds, read = part.seconds.median, part.bytes
    noise = part.seconds.noise if seconds else 0.0
    rate = part.bytes_per_s
    return [
        Cell(part.name),
        Cell(f"{charts.tick_seconds(seconds)} ±{noise:.0%}", seconds),
        Cell(f"{part.share:.0%}", part.share),
        Cell(amount_text(read, "B"), read) if read else EMPTY,
        Cell(amount_text(rate, "B/s"), rate) if read and rate else EMPTY,
    ]
