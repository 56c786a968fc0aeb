"""Memory against minutes of streamed audio."""

from __future__ import annotations

from tfopt.profiler.modes import heading, memory, subtitle
from tfopt.report import charts, colours
from tfopt.report.folder import Contents, File
from tfopt.report.markup import Markup, element, joined, paragraph
from tfopt.report.question_files import Memory

_HEIGHT = 260  # pixels


def section(contents: Contents) -> Markup:
    """Returns a chart for each file."""
    return joined(_memory(file, found) for file, found in contents.of(Memory))


def _memory(file: File, found: Memory) -> Markup:
    made = found.made
    title = heading(made, made["backend"], found.finding)
    series = memory.series(made)
    plots = []
    if series:
        minutes, held = zip(*series, strict=True)
        figure = charts.figure(
            _HEIGHT,
            xaxis=charts.axis(
                range=[0, max(minutes)], nticks=6, title="minutes of audio generated"
            ),
            yaxis=charts.axis(range=[0, 1.25 * max(held)], nticks=6, ticksuffix=" MB"),
        )
        figure.add_scatter(
            x=list(minutes),
            y=list(held),
            mode="lines",
            line={"color": colours.of_rung(made["backend"], 0), "width": 2.5},
            hoverinfo="text",
            hovertext=[f"{m:.3g} min: {h:,.1f} MB" for m, h in series],
        )
        plots.append(charts.chart(figure, f"Memory that the process holds: {found.finding}"))
    return element(
        "section",
        element("h3", title, element("span", file.name, class_="file")),
        paragraph(subtitle(made), class_="faint"),
        *plots,
    )
