"""Tables that can be sorted by every column, with the mouse and with the keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tfopt.report.markup import Markup, element


@dataclass(frozen=True)
class Cell:
    """What stands in a table.

    Attributes:
        text: what is shown.
        key: the number that it is sorted by; None where there is none, or where the text is what counts.
        look: a CSS class.
    """

    text: str
    key: float | None = None
    look: str | None = None


@dataclass(frozen=True)
class Column:
    """A column's heading, and whether numbers stand in it."""

    heading: str
    numbers: bool = True


EMPTY = Cell("")


def table(caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> Markup:
    """Returns a table in a box of its own, which scrolls where the page is narrow.

    Args:
        caption: what the table is about.
        columns: the first one names the rows.
        rows: a cell for each column.
    """
    headings = (
        element(
            "th",
            element("button", column.heading, type="button"),
            scope="col",
            class_="number" if column.numbers else None,
        )
        for column in columns
    )
    body = (element("tr", *map(_cell, row, columns, range(len(columns)))) for row in rows)
    return element(
        "div",
        element(
            "table",
            element("caption", element("span", caption)),
            element("thead", element("tr", *headings)),
            element("tbody", *body),
        ),
        class_="scroll",
        role="region",
        aria_label=caption,
        tabindex="0",
    )


def _cell(cell: Cell, column: Column, place: int) -> Markup:
    look = " ".join(filter(None, ("number" if column.numbers else "", cell.look)))
    shared = {
        "class_": look or None,
        "data_key": None if cell.key is None else repr(float(cell.key)),
    }
    if place:
        return element("td", cell.text, **shared)
    return element("th", cell.text, scope="row", **shared)
