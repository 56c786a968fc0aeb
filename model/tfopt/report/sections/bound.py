"""What a sample costs, what one core was measured to do, and the part of that bound each backend reaches."""

from __future__ import annotations

from tfopt.profiler.quantities import amount_text, rate_text, share_text
from tfopt.profiler.results import Cost
from tfopt.report import charts, colours, ladders
from tfopt.report.folder import Contents
from tfopt.report.ladders import Ladder
from tfopt.report.markup import Markup, element, joined, paragraph
from tfopt.report.tables import EMPTY, Cell, Column, table

_ROW, _REST = 34, 52  # pixels


def section(contents: Contents) -> Markup:
    """Returns a chart for each model, and the costs of all runs in a table."""
    known = [
        ladder for ladder in ladders.steps(contents) if ladder.model.cost and ladder.model.measured
    ]
    first = {ladder.model.name: ladder for ladder in reversed(known)}
    if not known:
        return Markup()
    lead = paragraph(
        "A sample of one stream uses every weight once; of a WaveRNN only those that hoisting leaves, with "
        "what is computed in blocks or once a frame as its share. One core therefore needs at least the time "
        "in which it reads them, and at least the time in which it computes with them; both rates were "
        "measured between the rounds of the same run. A WaveNet can reach more than 100 %: what can be "
        "computed ahead reads its weights once for a block of steps. Weights of fewer bits, and those of "
        "which blocks of zeros are left out, have a bound of their own, which is that of reading."
    )
    plots = element("div", *(_chart(ladder) for ladder in reversed(first.values())), class_="pair")
    return joined([lead, plots, _table(known)])


def _chart(ladder: Ladder) -> Markup:
    model = ladder.model
    parts = [(backend, model.of_bound(measured) or 0.0) for backend, measured in model.measured]
    names = [backend for backend, _ in parts]
    limit = max(1.0, *(part for _, part in parts)) / charts.part_for_marks(names, "100%")
    figure = charts.figure(
        _ROW * len(parts) + _REST,
        xaxis=charts.axis(
            range=[0, limit],
            tickvals=[0, 0.25, 0.5, 0.75, 1],
            tickformat=".0%",
            title="of the bound on one core",
        ),
        yaxis=charts.rows_axis(names),
        shapes=[
            {
                "type": "line",
                "x0": 1,
                "x1": 1,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": colours.INK, "width": 1.5, "dash": "dash"},
            }
        ],
        annotations=[
            charts.beside(part, place, share_text(part)) for place, (_, part) in enumerate(parts)
        ],
    )
    figure.add_bar(
        orientation="h",
        x=[part for _, part in parts],
        y=list(range(len(parts))),
        width=0.6,
        marker={"color": [colours.of_rung(name, n) for n, (name, _) in enumerate(parts)]},
        hoverinfo="none",
    )
    described = ", ".join(f"{name} {share_text(part)}" for name, part in parts)
    heading = element("h3", model.name, element("span", ladder.file.name, class_="file"))
    return element(
        "div",
        heading,
        charts.chart(figure, f"{model.name}, part of the bound reached: {described}"),
    )


def _table(known: list[Ladder]) -> Markup:
    headings = (
        *("parameters", "operations a sample", "weights a sample", "made ahead"),
        *("one core reads", "one core computes", "bound, samples/s", "made ahead"),
    )
    columns = [
        Column("model", numbers=False),
        Column("weights", numbers=False),
        Column("file", numbers=False),
        *map(Column, headings),
    ]
    rows = [
        _cells(ladder, weights, cost)
        for ladder in known
        for weights, cost in [("float32", ladder.model.cost), *ladder.model.rung_costs]
        if cost is not None
    ]
    return table("What a sample costs, and what one core does", columns, rows)


def _cells(ladder: Ladder, weights: str, cost: Cost) -> list[Cell]:
    reads, computes = cost.bytes_per_s, cost.operations_per_s
    plain, ahead = (1 / cost.bound_s(ahead=ahead) for ahead in (False, True))
    return [
        Cell(ladder.model.name),
        Cell(weights),
        Cell(ladder.file.name),
        Cell(f"{cost.parameters:,}", cost.parameters),
        Cell(amount_text(cost.operations, "FLOP"), cost.operations),
        Cell(amount_text(cost.bytes, "B"), cost.bytes),
        Cell(amount_text(cost.bytes_ahead, "B"), cost.bytes_ahead),
        Cell(f"{amount_text(reads.median, 'B/s')} ±{reads.noise:.0%}", reads.median),
        EMPTY
        if computes is None
        else Cell(
            f"{amount_text(computes.median, 'FLOP/s')} ±{computes.noise:.0%}", computes.median
        ),
        Cell(rate_text(plain), plain),
        Cell(rate_text(ahead), ahead),
    ]
