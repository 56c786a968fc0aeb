"""Shapes of blocks: for each what a sparse product takes, and what pruning leaves of a model."""

from __future__ import annotations

from plotly.graph_objects import Figure  # type: ignore[import-untyped]

from tfopt.profiler.quantities import ratio_text
from tfopt.report import charts, colours
from tfopt.report.block_files import Blocks, Row
from tfopt.report.folder import Contents, File
from tfopt.report.markup import Markup, element, joined, paragraph
from tfopt.report.tables import EMPTY, Cell, Column, table

_HEIGHT = 360  # pixels


def section(contents: Contents) -> Markup:
    """Returns a chart for each type of weights, and a table, of each file."""
    return joined(_blocks(file, blocks) for file, blocks in contents.of(Blocks))


def _blocks(file: File, blocks: Blocks) -> Markup:
    return element(
        "section",
        element("h3", "Speed against weights kept", element("span", file.name, class_="file")),
        paragraph(
            "A product with block-sparse weights, by outputs x inputs of a block: its time by that of the "
            "shape that tfopt stores, and which part of the weights' squares is left of a model that is "
            "pruned to the same density with such blocks; charts are of the first model. Left and up is "
            "better."
        ),
        element("div", *(_chart(blocks, kind) for kind in blocks.types), class_="pair"),
        _table(blocks),
    )


def _chart(blocks: Blocks, kind: str) -> Markup:
    model = blocks.models[0]
    timed = [(row, row.time) for row in blocks.rows if row.type == kind and row.time is not None]
    times = [time for _, time in timed] or [1.0]
    figure = charts.figure(
        _HEIGHT,
        xaxis=charts.log_axis(
            min(times) / 1.2, max(times) * 1.6, charts.tick_ratio, title="time of a product"
        ),
        yaxis=charts.axis(
            range=[0, 1.1 * max((row.kept[model] for row, _ in timed), default=1.0)],
            tickformat=".0%",
            nticks=6,
            title="weights' squares kept",
        ),
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        showlegend=True,
    )
    densities = dict.fromkeys(row.density for row, _ in timed)
    for place, density in enumerate(densities):
        _add(figure, [(row, time) for row, time in timed if row.density == density], place, model)
    described = ", ".join(
        f"{row.block} at {row.density:g} {ratio_text(time)}" for row, time in timed
    )
    return charts.chart(figure, f"Time of a product, {kind}: {described}", title=f"{kind}, {model}")


def _add(figure: Figure, points: list[tuple[Row, float]], place: int, model: str) -> None:
    density = points[0][0].density
    figure.add_scatter(
        x=[time for _, time in points],
        y=[row.kept[model] for row, _ in points],
        mode="markers+text",
        marker={"size": 11, "color": colours.of_series(place)},
        text=[charts.plain(row.block) for row, _ in points],
        textposition="middle right",
        name=f"density {density:g}",
        hoverinfo="text",
        hovertext=[
            f"{charts.plain(row.block)} at {density:g}: {ratio_text(time)}, "
            f"{row.kept[model]:.1%} kept"
            for row, time in points
        ],
    )


def _table(blocks: Blocks) -> Markup:
    columns = [
        Column("weights", numbers=False),
        Column("block", numbers=False),
        Column("density"),
        Column("time"),
        *(Column(f"kept of {name}") for name in blocks.models),
    ]
    rows = [
        [
            Cell(row.type),
            Cell(row.block),
            Cell(f"{row.density:g}", row.density),
            EMPTY if row.time is None else Cell(ratio_text(row.time), row.time),
            *(Cell(f"{share:.1%}", share) for share in (row.kept[m] for m in blocks.models)),
        ]
        for row in blocks.rows
    ]
    return table("Time by that of tfopt's shape, and what pruning leaves", columns, rows)
