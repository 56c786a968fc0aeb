"""Sweeps: time per sample against layers, threads, streams in a batch, samples of a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plotly.graph_objects import Figure  # type: ignore[import-untyped]

from tfopt.profiler.modes import heading, rungs, subtitle, sweep
from tfopt.profiler.modes.sweep import Spot
from tfopt.profiler.quantities import seconds_text
from tfopt.report import charts, colours
from tfopt.report.folder import Contents, File
from tfopt.report.markup import Markup, element, joined, paragraph
from tfopt.report.question_files import Sweep
from tfopt.report.tables import EMPTY, Cell, Column, table

_HEIGHT = 400  # pixels
_TITLES = {rungs.ALONE: "one stream", rungs.TOGETHER: "in a batch, all streams' samples counted"}


def section(contents: Contents) -> Markup:
    """Returns charts and tables for each file."""
    return joined(_sweep(file, found) for file, found in contents.of(Sweep))


def _sweep(file: File, found: Sweep) -> Markup:
    made, axis = found.made, found.made["sweep"]
    lines = sweep.lines(made)
    bounds = sweep.bounds(made)
    notes = ["Medians; bars span the medians of the rounds."]
    notes += ["Dashed: the bound, one core reading every weight once a sample."] if bounds else []
    if axis == "layers":
        notes.append(
            "Figure 3 of the Fast WaveNet paper (Le Paine et al. 2016) with these backends: what is "
            "recomputed grows as 2^layers, what is cached as layers."
        )
    panels = [
        element(
            "div",
            element("h4", f"Time for a sample, {_TITLES[panel]}"),
            charts.chart(*_chart(axis, panel, by_backend, bounds)),
        )
        for panel, by_backend in lines.items()
    ]
    failed = [paragraph(text, class_="warning") for text in sweep.without(made)]
    return element(
        "section",
        element("h3", heading(made, "", found.finding), element("span", file.name, class_="file")),
        paragraph(subtitle(made), class_="faint"),
        *failed,
        element("div", *panels, class_="pair"),
        paragraph(" ".join(notes), class_="faint"),
        *(_table(axis, panel, by_backend) for panel, by_backend in lines.items()),
    )


def _chart(
    axis: str,
    panel: str,
    by_backend: Mapping[str, Sequence[Spot]],
    bounds: Sequence[tuple[float, float]],
) -> tuple[Figure, str]:
    spots = [spot for some in by_backend.values() for spot in some]
    times = [t for spot in spots for t in (spot.seconds.low, spot.seconds.high)]
    times += [seconds for _, seconds in bounds]
    places = sorted({spot.x for spot in spots})
    even = {"tickvals": places, "ticktext": [f"{place:,.0f}" for place in places]}
    figure = charts.figure(
        _HEIGHT,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        xaxis=charts.axis(
            **(even if axis == "layers" else charts.doubling_ticks(places)),
            title=sweep.AXES[axis].label,
        ),
        yaxis=charts.log_axis(min(times) / 1.5, max(times) * 1.5, charts.tick_seconds),
    )
    for number, (backend, some) in enumerate(by_backend.items()):
        colour = colours.of_rung(backend, number)
        figure.add_scatter(
            x=[spot.x for spot in some],
            y=[spot.seconds.median for spot in some],
            error_y={
                "array": [spot.seconds.high - spot.seconds.median for spot in some],
                "arrayminus": [spot.seconds.median - spot.seconds.low for spot in some],
                "thickness": 1.5,
                "width": 3,
            },
            name=charts.label(backend),
            mode="lines+markers",
            line={"color": colour, "width": 2.5},
            marker={"size": 8, "color": colour},
            hoverinfo="text",
            hovertext=[
                f"{charts.label(backend)}, {spot.x:g}: {seconds_text(spot.seconds.median)}"
                for spot in some
            ],
        )
    if bounds:
        x, y = zip(*bounds, strict=True)
        figure.add_scatter(
            x=list(x),
            y=list(y),
            name="bound",
            mode="lines",
            line={"color": colours.INK, "width": 1.5, "dash": "dash"},
            hoverinfo="skip",
        )
    described = "; ".join(
        f"{backend} from {seconds_text(some[0].seconds.median)} at {some[0].x:g} to "
        f"{seconds_text(some[-1].seconds.median)} at {some[-1].x:g}"
        for backend, some in by_backend.items()
    )
    label = sweep.AXES[axis].label
    return figure, f"Time for a sample, {panel}, against {label}: {described}"


def _table(axis: str, panel: str, by_backend: Mapping[str, Sequence[Spot]]) -> Markup:
    columns = [Column(sweep.AXES[axis].label), *map(Column, by_backend)]
    rows = []
    for place in sorted({spot.x for spots in by_backend.values() for spot in spots}):
        found = [next((s for s in spots if s.x == place), None) for spots in by_backend.values()]
        cells = [
            EMPTY
            if spot is None
            else Cell(
                f"{seconds_text(spot.seconds.median)} ±{spot.seconds.noise:.0%}",
                spot.seconds.median,
            )
            for spot in found
        ]
        rows.append([Cell(f"{place:,.0f}", place), *cells])
    return table(f"Time for a sample, {_TITLES[panel]}", columns, rows)
