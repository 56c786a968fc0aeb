"""What hoisting buys: operations for a sample, before and after, and the time for it."""

from __future__ import annotations

from collections.abc import Sequence

from plotly.graph_objects import Figure  # type: ignore[import-untyped]

from tfopt.profiler.modes import heading, hoisting, subtitle
from tfopt.profiler.modes.hoisting import Layer, Pair
from tfopt.profiler.quantities import amount_text, ratio_text, seconds_text
from tfopt.report import charts, colours
from tfopt.report.folder import Contents, File
from tfopt.report.markup import Markup, element, joined, paragraph
from tfopt.report.question_files import Hoisting
from tfopt.report.tables import Cell, Column, table

_ROW, _REST = 56, 80  # pixels
# What is computed when, once hoisted.
_PARTS = (
    ("step", "after: in the step", 0),
    ("block", "after: ahead, in blocks", 4),
    ("frame", "after: once a frame", 1),
)


def section(contents: Contents) -> Markup:
    """Returns a chart and tables for each file."""
    return joined(_hoisting(file, found) for file, found in contents.of(Hoisting))


def _hoisting(file: File, found: Hoisting) -> Markup:
    made = found.made
    connected, whole = hoisting.sums(made)
    layers = hoisting.layers(made)
    failed = [paragraph(text, class_="warning") for text in hoisting.without(made)]
    times = [
        _times(title, pairs)
        for panel, title in hoisting.PANELS.items()
        if (pairs := hoisting.pairs(made, panel))
    ]
    notes = [
        "A multiplication and an addition count as two; a frame's are a sample's share of them."
    ]
    return element(
        "section",
        element("h3", heading(made, "", found.finding), element("span", file.name, class_="file")),
        paragraph(subtitle(made), class_="faint"),
        *failed,
        charts.chart(_figure(layers), _described([*layers, whole]), notes),
        _operations([*layers, connected, whole]),
        *times,
    )


def _figure(layers: Sequence[Layer]) -> Figure:
    names = [layer.name for layer in layers]
    longest = max(max(layer.before, layer.after) for layer in layers)
    figure = charts.figure(
        _ROW * len(layers) + _REST,
        barmode="stack",
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        xaxis=charts.axis(
            range=[0, 1.05 * longest], tickformat="~s", nticks=6, title="operations for a sample"
        ),
        yaxis=charts.rows_axis(names),
    )
    places = list(range(len(layers)))
    figure.add_bar(
        orientation="h",
        x=[layer.before for layer in layers],
        y=[place - 0.2 for place in places],
        width=0.36,
        name="before",
        marker={"color": colours.of_rung("naive", 0)},
        hoverinfo="none",
    )
    for attribute, name, colour in _PARTS:
        figure.add_bar(
            orientation="h",
            x=[getattr(layer, attribute) for layer in layers],
            y=[place + 0.2 for place in places],
            width=0.36,
            name=name,
            marker={"color": colours.of_series(colour)},
            hoverinfo="none",
        )
    return figure


def _described(layers: Sequence[Layer]) -> str:
    return "Operations for a sample: " + ", ".join(
        f"{layer.name} {_count(layer.before)} before, {_count(layer.step)} in the step after"
        for layer in layers
    )


def _operations(layers: Sequence[Layer]) -> Markup:
    headings = (
        *("before", "after: in the step", "in blocks", "a frame", "in all"),
        *("fewer in the step", "fewer in all"),
    )
    columns = [Column("layer", numbers=False), *map(Column, headings)]
    rows = []
    for layer in layers:
        counts = (layer.before, layer.step, layer.block, layer.frame, layer.after)
        rows.append(
            [
                Cell(layer.name),
                *(Cell(_count(count), count) for count in counts),
                Cell(f"{layer.fewer_waiting:.1%}", layer.fewer_waiting),
                Cell(f"{layer.fewer:.1%}", layer.fewer),
            ]
        )
    return table("Operations for a sample", columns, rows)


def _count(value: float) -> str:
    return amount_text(value, "") if value else "0"


def _times(title: str, pairs: Sequence[Pair]) -> Markup:
    columns = [Column("backend", numbers=False), *map(Column, ("before", "after", "faster"))]
    rows = [
        [
            Cell(colours.swatch(pair.backend, colours.of_rung(pair.backend, place))),
            *(
                Cell(f"{seconds_text(one.median)} ±{one.noise:.0%}", one.median)
                for one in (pair.before, pair.after)
            ),
            Cell(ratio_text(pair.ratio), pair.ratio),
        ]
        for place, pair in enumerate(pairs)
    ]
    return table(f"Time for {title}", columns, rows)
