"""Plotly figures with the page's look, and how they are put into the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from plotly.graph_objects import Figure  # type: ignore[import-untyped]
from plotly.io.json import to_json_plotly  # type: ignore[import-untyped]

from tfopt.report import colours
from tfopt.report.markup import Markup, element

# Writes a value of an axis.
Text = Callable[[float], str]

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
_LONGEST_LABEL = 24
# Charts have to fit a phone: how wide they are there, and how wide a character is, in pixels.
_PHONE, _CHARACTER = 300, 7.3


def figure(height: int, **layout: Any) -> Figure:
    """Returns an empty figure; it is as wide as the page lets it be.

    Args:
        height: in pixels.
        layout: more of Plotly's layout.
    """
    return Figure(
        layout={
            "template": "none",
            "height": height,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 24, "pad": 4},
            "paper_bgcolor": colours.CLEAR,
            "plot_bgcolor": colours.CLEAR,
            "font": {"family": _FONT, "size": 13, "color": colours.INK},
            "hoverlabel": {"font": {"family": _FONT, "size": 13}},
            "dragmode": False,  # a finger on a chart scrolls the page
            "showlegend": False,
            **layout,
        }
    )


def axis(**settings: Any) -> dict[str, Any]:
    """Returns an axis with a faint grid."""
    title = settings.pop("title", None)
    return {
        "gridcolor": colours.LINE,
        "linecolor": colours.LINE,
        "tickfont": {"color": colours.FAINT, "size": 12},
        "ticks": "",
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
        "tickangle": 0,
        **(
            {"title": {"text": plain(title), "font": {"color": colours.FAINT, "size": 12}}}
            if title
            else {}
        ),
        **settings,
    }


def log_axis(low: float, high: float, text: Text, **settings: Any) -> dict[str, Any]:
    """Returns a logarithmic axis over exactly this range, with few, round ticks."""
    ticks = log_ticks(low, high)
    return axis(
        type="log",
        range=[math.log10(low), math.log10(high)],
        tickvals=ticks,
        ticktext=[text(value) for value in ticks],
        **settings,
    )


def log_ticks(low: float, high: float) -> list[float]:
    """Returns round places on a logarithmic axis, six or so."""
    decades = math.log10(high / low)
    if decades < 0.5:
        return _even_ticks(low, high)
    steps = (1,) if decades > 2.5 else (1, 3) if decades > 1.2 else (1, 2, 5)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [step * 10.0**power for power in powers for step in steps]
    found = [value for value in ticks if low <= value <= high]
    return found[:: 1 + len(found) // 7]


def _even_ticks(low: float, high: float) -> list[float]:
    rough = (high - low) / 4
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * size for size in (1, 2, 5, 10) if unit * size >= rough)
    first = math.ceil(low / step)
    return [step * (first + n) for n in range(math.floor(high / step) - first + 1)]


def rows_axis(names: Sequence[str]) -> dict[str, Any]:
    """Returns a vertical axis with a row for each name, the first on top, at 0, 1, 2, ..."""
    return axis(
        range=[len(names) - 0.4, -0.6],
        tickvals=list(range(len(names))),
        ticktext=[label(name) for name in names],
        tickfont={"color": colours.INK, "size": 13},
        showgrid=False,
    )


def beside(x: float, row: float, text: str, note: str = "") -> dict[str, Any]:
    """Returns a text to the right of a mark in a row, on paper, so that no line runs through it."""
    return {
        "x": x,
        "y": row,
        "xanchor": "left",
        "xshift": 9,
        "showarrow": False,
        "text": f"<b>{text}</b>" + (f"  {note}" if note else ""),
        "bgcolor": colours.PAPER,
        "borderpad": 0,
    }


def part_for_marks(names: Sequence[str], text: str) -> float:
    """Returns how much of a row's width is left for marks, if this text has to stand beside them.

    Args:
        names: of the rows, which stand before them.
        text: of one row.
    """
    width = _PHONE - _CHARACTER * max(len(shortened(name)) for name in names)
    return max(1 - (15 + _CHARACTER * len(text)) / width, 0.25)


def seconds_ticks(longest: float) -> dict[str, Any]:
    """Returns the ticks of an axis of times from 0."""
    ticks = _even_ticks(0.0, longest)
    return {"tickvals": ticks, "ticktext": ["0", *map(tick_seconds, ticks[1:])]}


def doubling_ticks(places: Sequence[float]) -> dict[str, Any]:
    """Returns ticks at these places of a logarithmic axis, all marked, and named where a phone has room."""
    width = _PHONE * 2 / 3 / max(math.log(places[-1] / places[0]), 1e-9)  # pixels, of a factor e
    texts: list[str] = []
    end = math.inf
    for place in reversed(places):  # the last one always
        half = _CHARACTER * len(f"{place:,.0f}") / 2
        middle = width * math.log(place)
        fits = middle + half <= end
        end = middle - half if fits else end
        texts.insert(0, f"{place:,.0f}" if fits else "")
    return {"type": "log", "tickvals": list(places), "ticktext": texts}


def tick_seconds(seconds: float) -> str:
    """Returns a time for an axis: 50 µs, 1.5 ms."""
    for factor, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= factor * 0.999:
            return f"{seconds / factor:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def tick_rate(value: float) -> str:
    """Returns a rate for an axis: 20, 500, 10 k, 2 M."""
    for factor, unit in ((1e6, " M"), (1e3, " k")):
        if value >= factor * 0.999:
            return f"{value / factor:.3g}{unit}"
    return f"{value:.3g}"


def shortened(text: str) -> str:
    """Returns a name, cut where it is too long for a chart."""
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1].rstrip() + "…"


def label(text: str) -> str:
    """Returns a name for a chart."""
    return plain(shortened(text))


def plain(text: str) -> str:
    """Returns a text for a chart: Plotly would read `<` as the start of a tag."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def tick_ratio(ratio: float) -> str:
    """Returns a factor for an axis: 0.5×, 20×."""
    return f"{ratio:,.3g}×" if ratio < 1000 else f"{ratio:,.0f}×"


def chart(
    drawn: Figure,
    description: str,
    notes: Sequence[str] = (),
    *,
    title: str = "",
    wide: bool = False,
) -> Markup:
    """Returns a figure for the page.

    Args:
        drawn: the figure.
        description: what it shows, for those who do not see it.
        notes: stand below it.
        title: stands above it.
        wide: whether it may take the page's width.
    """
    # Escaped, so that nothing in it can end the script element.
    json = to_json_plotly(drawn, engine="json").replace("<", r"\u003c").replace(">", r"\u003e")
    height = drawn.layout.height
    return element(
        "figure",
        *([element("p", title, class_="title", aria_hidden="true")] if title else []),
        element(
            "div", class_="plot", role="img", aria_label=description, style=f"height:{height}px"
        ),
        element("script", Markup(json), type="application/json"),
        *([element("figcaption", " ".join(notes))] if notes else []),
        class_="chart wide" if wide else "chart",
    )
