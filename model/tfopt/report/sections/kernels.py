"""Kernels against libraries: for each product how much longer a library takes than tfopt."""

from __future__ import annotations

from plotly.graph_objects import Figure  # type: ignore[import-untyped]

from tfopt.profiler.quantities import ratio_text, seconds_text
from tfopt.report import charts, colours, kernel_files
from tfopt.report.folder import Contents, File
from tfopt.report.kernel_files import Comparison, Kernels, Product
from tfopt.report.markup import Markup, element, joined, paragraph
from tfopt.report.tables import EMPTY, Cell, Column, table

_ROW, _REST = 26, 96  # pixels
_LEAST = 1.5  # a range of ratios on each side of 1


def section(contents: Contents) -> Markup:
    """Returns a chart for each type of weights, and a table, of each file."""
    return joined(_kernels(file, found) for file, found in contents.of(Kernels))


def _kernels(file: File, found: Kernels) -> Markup:
    missing = [paragraph(f"{name}: {why}.", class_="faint") for name, why in found.missing.items()]
    return element(
        "section",
        element("h3", _finding(found), element("span", file.name, class_="file")),
        paragraph(
            "A matrix times one vector, on one thread. A library's time by tfopt's: right of the line tfopt "
            "is faster. Both were timed in one process, in random order; of a library's ways the fastest "
            "counts. Hollow: their repetitions overlap, so that it may be noise."
        ),
        element("div", *(_chart(found, kind) for kind in found.types), class_="pair"),
        _table(found),
        *missing,
    )


def _finding(found: Kernels) -> str:
    faster = sum(one.gain.ratio >= 1 for one in found.comparisons)
    slower = len(kernel_files.behind(found.comparisons))
    text = f"tfopt is faster in {faster:,} of {len(found.comparisons):,} pairs"
    return f"{text}, slower beyond the noise in {slower:,}" if slower else text


def _chart(found: Kernels, kind: str) -> Markup:
    products = [product for product in found.products if product.type == kind]
    some = [one for one in found.comparisons if one.product.type == kind]
    low = min(1 / _LEAST, *(one.gain.ratio for one in some)) / 1.15
    high = max(_LEAST, *(one.gain.ratio for one in some)) * 1.15
    figure = charts.figure(
        _ROW * len(products) + _REST,
        xaxis=charts.log_axis(low, high, charts.tick_ratio),
        yaxis=charts.rows_axis([_name(product) for product in products]),
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
        showlegend=True,
        shapes=[
            {
                "type": "line",
                "x0": 1,
                "x1": 1,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "layer": "below",
                "line": {"color": colours.INK, "width": 1.5, "dash": "dash"},
            }
        ],
    )
    for library in found.libraries:
        _add(figure, found, products, library)
    described = ", ".join(
        f"{_name(one.product)} with {one.library} {ratio_text(one.gain.ratio)}" for one in some
    )
    return charts.chart(
        figure, f"Time of libraries by tfopt's, {kind}: {described}", title=f"Weights in {kind}"
    )


def _add(figure: Figure, found: Kernels, products: list[Product], library: str) -> None:
    points = [
        (row, one)
        for row, product in enumerate(products)
        if (one := found.of(product, library)) is not None
    ]
    if not points:
        return
    colour, name = colours.of_series(found.libraries.index(library)), charts.label(library)
    # The legend would take the first point's look, which may be hollow.
    figure.add_scatter(
        x=[None], y=[None], mode="markers", marker={"size": 10, "color": colour}, name=name
    )
    figure.add_scatter(
        x=[one.gain.ratio for _, one in points],
        y=[row for row, _ in points],
        mode="markers",
        marker={
            "size": 10,
            "color": [colours.PAPER if one.gain.noise else colour for _, one in points],
            "line": {"width": 2, "color": colour},
        },
        showlegend=False,
        hoverinfo="text",
        hovertext=[
            f"{name} ({charts.plain(one.function)}), "
            f"{charts.plain(_name(one.product))}: {ratio_text(one.gain.ratio)}"
            for _, one in points
        ],
    )


def _name(product: Product) -> str:
    return f"{product.model} {product.size}"


def _table(found: Kernels) -> Markup:
    columns = [
        Column("matrix", numbers=False),
        Column("weights", numbers=False),
        Column("tfopt"),
        *map(Column, found.libraries),
    ]
    rows = []
    for product in found.products:
        own = found.own(product)
        rows.append(
            [
                Cell(_name(product)),
                Cell(product.type),
                Cell(f"{seconds_text(own.median)} ±{own.noise:.0%}", own.median),
                *(_cell(found.of(product, library)) for library in found.libraries),
            ]
        )
    return table(
        "Time with tfopt, and how many times as long libraries take; ≈: may be noise", columns, rows
    )


def _cell(one: Comparison | None) -> Cell:
    if one is None:
        return EMPTY
    gain = one.gain
    mark = "" if gain.noise is False else " ≈" if gain.noise else " ?"
    look = "bad" if gain.ratio < 1 and gain.noise is False else None
    return Cell(f"{gain.ratio:.2f}×{mark}", gain.ratio, look)
