"""What every picture shares: colours, type sizes, and measuring text so that nothing overlaps."""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK, FAINT, LINE, PAPER = "#1b1f24", "#5b6470", "#d5d9df", "#ffffff"
ALARM = "#b42318"
# Okabe and Ito's palette: colour-blind people can tell them apart. A rung keeps its colour.
RUNGS = {
    "naive": "#5b6470",
    "cached": "#E69F00",
    "graph": "#0072B2",
    "xla": "#CC79A7",
    "fused": "#56B4E9",
    "native": "#009E73",
    "native bfloat16": "#B3A100",
    "native int16": "#7A5195",
    "native int8": "#D55E00",
    "native int8_static": "#8C2D04",
}
SERIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
# Import, load, first call.
STAGES = ("#3d4a5c", "#D55E00", "#a9b8cc")

TITLE, SUBTITLE, HEADING, PANEL, LABEL, SMALL = 25, 14.5, 18, 14.5, 14.5, 12

SETTINGS: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"],
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "axes.edgecolor": LINE,
    "xtick.color": FAINT,
    "xtick.labelsize": SMALL,
    "figure.facecolor": PAPER,
}


def colour(rung: str, place: int) -> str:
    """Returns a rung's colour; those not known take one by their place."""
    return RUNGS.get(rung, SERIES[place % len(SERIES)])


def new_figure(width: float, height: float) -> Figure:
    """Returns an empty figure of this size in inches, drawn by Agg whatever the system offers."""
    figure = Figure(figsize=(width, height), dpi=150)
    FigureCanvasAgg(figure)
    return figure


def text_width(figure: Figure, text: str, size: float, weight: str = "normal") -> float:
    """Returns how wide a text will be, in inches."""
    probe = figure.text(0, 0, text, fontsize=size, fontweight=weight)
    width = probe.get_window_extent().width / figure.dpi
    probe.remove()
    return float(width)


def shortened(figure: Figure, text: str, size: float, room: float, weight: str = "normal") -> str:
    """Returns the text, cut with an ellipsis if it is wider than `room` inches."""
    if text_width(figure, text, size, weight) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(figure, text[:middle].rstrip() + "…", size, weight) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"


def wrapped(text: str, size: float, room: float) -> list[str]:
    """Returns the text in lines no wider than `room` inches; only a word that is wider itself is cut."""
    figure = new_figure(1.0, 1.0)
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(figure, longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(shortened(figure, word, size, room))
    return lines


def fitted_size(figure: Figure, text: str, size: float, room: float, least: float) -> float:
    """Returns the type size, made smaller down to `least` until the text fits `room` inches."""
    width = text_width(figure, text, size, "bold")
    if width <= room:
        return size
    # Glyphs are fitted to pixels, so that widths do not shrink quite as sizes do.
    return max(least, 0.98 * size * room / width)


def png(figure: Figure) -> bytes:
    """Returns the figure as PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150, facecolor=PAPER)
    return buffer.getvalue()


def settings() -> Any:
    """Returns a context in which the pictures' style holds."""
    return mpl.rc_context({**mpl.rcParamsDefault, **SETTINGS, "backend": mpl.rcParams["backend"]})
