"""Dot plots: a row for each thing compared, a dot for its median, a bar over the medians of the rounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tfopt.report import charts, colours
from tfopt.report.markup import Markup

_ROW, _REST = 34, 34  # pixels


@dataclass(frozen=True)
class Dot:
    """One row.

    Attributes:
        label: its name.
        colour: of its marks.
        value: its median.
        low: where its noise begins.
        high: where it ends.
        text: the value in words, which stands beside the dot.
        note: stands behind the text.
        hollow: whether the dot is empty: nothing is claimed of it.
        bound: a value that is marked in this row alone; None without.
    """

    label: str
    colour: str
    value: float
    low: float
    high: float
    text: str
    note: str = ""
    hollow: bool = False
    bound: float | None = None


@dataclass(frozen=True)
class Mark:
    """A value over all rows: a line, `dash` or `dot`."""

    value: float
    look: str


def plot(
    dots: Sequence[Dot],
    title: str,
    tick: charts.Text,
    description: str,
    *,
    marks: Sequence[Mark] = (),
    notes: Sequence[str] = (),
) -> Markup:
    """Returns the chart.

    Args:
        dots: from top to bottom.
        title: what the axis is about.
        tick: writes a value of the axis.
        description: for those who do not see it.
        marks: values to compare with.
        notes: stand below.
    """
    figure = charts.figure(
        _ROW * len(dots) + _REST,
        xaxis=charts.log_axis(*limits(dots, marks), tick),
        yaxis=charts.rows_axis([dot.label for dot in dots]),
        shapes=[
            *(_line(mark.value, mark.look, 0, 1, yref="paper") for mark in marks),
            *(
                _line(dot.bound, "dash", place - 0.4, place + 0.4)
                for place, dot in enumerate(dots)
                if dot.bound is not None
            ),
        ],
        annotations=[
            charts.beside(math.log10(dot.high), place, dot.text, dot.note)
            for place, dot in enumerate(dots)
        ],
    )
    for place, dot in enumerate(dots):
        figure.add_scatter(
            x=[dot.value],
            y=[place],
            mode="markers",
            marker={
                "size": 13,
                "color": colours.PAPER if dot.hollow else dot.colour,
                "line": {"width": 2.5 if dot.hollow else 0, "color": dot.colour},
            },
            error_x={
                "array": [dot.high - dot.value],
                "arrayminus": [dot.value - dot.low],
                "color": dot.colour,
                "thickness": 2,
                "width": 5,
            },
            hoverinfo="text",
            hovertext=charts.label(dot.label) + f": {dot.text} {dot.note}",
        )
    return charts.chart(figure, description, notes, title=title)


def limits(dots: Sequence[Dot], marks: Sequence[Mark]) -> tuple[float, float]:
    """Returns a range of the axis in which each dot has room for its text, on a phone too."""
    bounds = [dot.bound for dot in dots if dot.bound is not None]
    low = min([dot.low for dot in dots] + [mark.value for mark in marks] + bounds)
    high = max([dot.high for dot in dots] + [mark.value for mark in marks])
    low /= max(high / low, 1.5) ** 0.07
    names = [dot.label for dot in dots]
    spans = [
        math.log(dot.high / low) / charts.part_for_marks(names, f"{dot.text}  {dot.note}")
        for dot in dots
    ]
    return low, low * math.exp(max(*spans, math.log(high / low), math.log(1.5)))


def _line(x: float, look: str, top: float, bottom: float, yref: str = "y") -> dict[str, object]:
    return {
        "type": "line",
        "x0": x,
        "x1": x,
        "y0": top,
        "y1": bottom,
        "yref": yref,
        "layer": "below",
        "line": {"color": colours.INK, "width": 1.5, "dash": look},
    }
