"""Files of `tfopt evaluate` on the page: the quality of each model and compute type, against speed."""

from __future__ import annotations

import math

from tfopt.evaluation import table as evaluated
from tfopt.evaluation.metrics import Metric
from tfopt.evaluation.results import Evaluation, Row
from tfopt.report import charts, colours
from tfopt.report.folder import File
from tfopt.report.markup import Markup, element, paragraph
from tfopt.report.tables import Cell, Column, table

_HEIGHT = 320  # pixels
# Of the largest magnitude, that the axis of a quality shows at least: less of a difference means nothing.
_LEAST_SPAN = 0.06


def of(file: File, evaluation: Evaluation) -> Markup:
    """Returns a chart and a table of a file."""
    quality, speed = evaluation.metrics.qualities[0], evaluation.metrics.speeds[0]
    title = f"{quality.long[:1].upper()}{quality.long[1:]}, against {speed.long}"
    return element(
        "section",
        element("h3", title, element("span", file.name, class_="file")),
        paragraph(evaluated.legend(evaluation)),
        _chart(evaluation, quality, speed),
        _table(evaluation),
    )


def _chart(evaluation: Evaluation, quality: Metric, speed: Metric) -> Markup:
    points = [(row, row.speed(speed), row.qualities[quality.name]) for row in evaluation.rows]
    low, high = (pick(figure.median for _, figure, _ in points) for pick in (min, max))
    values = [value for _, _, value in points]
    middle, span = (max(values) + min(values)) / 2, max(values) - min(values)
    half = max(span * 0.7, _LEAST_SPAN / 2 * abs(middle), 1e-6)
    figure = charts.figure(
        _HEIGHT,
        xaxis=charts.log_axis(low / 1.6, high * 1.6, charts.tick_rate, title=speed.long),
        yaxis=charts.axis(
            range=[middle - half, middle + half],
            nticks=6,
            **({"tickformat": ".1%"} if quality.text(0).endswith("%") else {}),
        ),
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        showlegend=len(evaluation.models) > 1,
    )
    for place, model in enumerate(evaluation.models):
        rows = [point for point in points if point[0].model == model]
        figure.add_scatter(
            x=[rate.median for _, rate, _ in rows],
            y=[value for _, _, value in rows],
            mode="markers",
            marker={"size": 13, "color": colours.of_series(place)},
            name=charts.label(model),
            hoverinfo="text",
            hovertext=[
                f"{charts.label(model)}, {row.type_text}: {quality.text(value)}, "
                f"{speed.text(rate.median)} {speed.long}"
                for row, rate, value in rows
            ],
        )
    for row in _named(evaluation, speed):
        figure.add_annotation(
            x=math.log10(row.speed(speed).median),
            y=row.qualities[quality.name],
            text=charts.label(row.type_text),
            yshift=15,
            showarrow=False,
        )
    described = ", ".join(
        f"{row.model} in {row.type_text} {quality.text(value)}" for row, _, value in points
    )
    return charts.chart(figure, f"{quality.long} against {speed.long}: {described}")


def _named(evaluation: Evaluation, speed: Metric) -> list[Row]:
    """The slowest and the fastest row of each model: the names of more would overlap."""
    found = []
    for model in evaluation.models:
        rows = sorted(
            (row for row in evaluation.rows if row.model == model),
            key=lambda row: row.speed(speed).median,
        )
        found += rows if len(rows) < 2 else [rows[0], rows[-1]]
    return found


def _table(evaluation: Evaluation) -> Markup:
    headings = [" ".join(heading.split()) for heading in evaluated.headings(evaluation)]
    columns = [
        Column(heading, numbers=place >= evaluated.WORDS) for place, heading in enumerate(headings)
    ]
    rows = [[Cell(*cell) for cell in line] for line in evaluated.cells(evaluation)]
    return table("Quality, speed and size", columns, rows)
