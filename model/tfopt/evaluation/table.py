"""The table of an evaluation, for a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich import box
from rich.table import Table
from rich.text import Text

from tfopt.evaluation.metrics import Metric
from tfopt.evaluation.results import Evaluation, Row
from tfopt.profiler.quantities import amount_text, real_time_text

NOISE = "±: half the range of the rounds."
LOSS = "Behind a quality in brackets: the difference to the same model in float32."
WORDS = 2  # columns from the left in which words stand


class Cell(NamedTuple):
    """What stands in a table: a text, and the number in it, if there is one."""

    text: str
    number: float | None = None


def headings(evaluation: Evaluation) -> list[str]:
    """What stands above the columns; some in two lines."""
    real_time = ["\nreal time"] if _has_audio(evaluation) else []
    return [
        "\nmodel",
        "computed\nin",
        "weights\nnot zero",
        *("\n".join(metric.heading) for metric in evaluation.qualities),
        *("\n".join(metric.heading) for metric in evaluation.metrics.speeds),
        *real_time,
        "packed\nfile",
        "weights\nin memory",
    ]


def cells(evaluation: Evaluation) -> list[list[Cell]]:
    """The table's rows, a cell for each heading."""
    return [_cells(evaluation, row) for row in evaluation.rows]


def of(evaluation: Evaluation) -> Table:
    """The table for a terminal: a line with each model's name, and the compute types below it."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(headings(evaluation)[1], no_wrap=True)
    for heading in headings(evaluation)[WORDS:]:
        table.add_column(heading, justify="right", no_wrap=True)
    last = None
    for row, line in zip(evaluation.rows, cells(evaluation), strict=True):
        if row.model != last:
            table.add_section()
            table.add_row(Text(row.model, style="bold"))
            last = row.model
        table.add_row(*(Text(cell.text) for cell in line[1:]))
    return table


def legend(evaluation: Evaluation) -> str:
    """What the figures mean."""
    others = (row for row in evaluation.rows if row.compute_type != "float32")
    lost = any(evaluation.loss(row) is not None for row in others)
    texts = [f"On {evaluation.data}.", evaluation.metrics.legend, *([LOSS] if lost else []), NOISE]
    return " ".join(texts)


def markdown(evaluation: Evaluation, title: str) -> str:
    """The table as a Markdown document."""
    names = [" ".join(heading.split()) for heading in headings(evaluation)]
    rules = ["---" if place < WORDS else "---:" for place in range(len(names))]
    lines = [
        _line(names),
        _line(rules),
        *(_line([cell.text for cell in line]) for line in cells(evaluation)),
    ]
    return "\n".join([f"# {_escaped(title)}", "", *lines, "", legend(evaluation), ""])


def _cells(evaluation: Evaluation, row: Row) -> list[Cell]:
    found = [Cell(row.model), Cell(row.type_text), Cell(f"{row.density:.0%}", row.density)]
    for place, metric in enumerate(evaluation.qualities):
        value = row.qualities.get(metric.name)
        text = "-" if value is None else metric.text(value)
        if place == 0 and row.compute_type != "float32":
            text += _loss_text(metric, evaluation.loss(row))
        found.append(Cell(text, value))
    for metric in evaluation.metrics.speeds:
        figure = row.speed(metric)
        found.append(Cell(f"{metric.text(figure.median)} ±{figure.noise:.0%}", figure.median))
    if _has_audio(evaluation):
        found.append(_real_time(evaluation, row))
    sizes = (row.file_bytes, row.memory_bytes)
    return [*found, *(Cell(amount_text(size, "B"), size) for size in sizes)]


def _real_time(evaluation: Evaluation, row: Row) -> Cell:
    if row.sample_rate is None:
        return Cell("-")
    factor = row.speed(evaluation.metrics.speeds[0]).median / row.sample_rate
    return Cell(real_time_text(factor), factor)


def _loss_text(metric: Metric, loss: float | None) -> str:
    if loss is None:
        return ""
    text = metric.text(abs(loss))
    sign = "" if text == metric.text(0) else "+" if loss > 0 else "-"
    return f" ({sign}{text})"


def _has_audio(evaluation: Evaluation) -> bool:
    return any(row.sample_rate for row in evaluation.rows)


def _line(texts: Sequence[str]) -> str:
    return f"| {' | '.join(map(_escaped, texts))} |"


def _escaped(text: str) -> str:
    return text.replace("|", r"\|")
