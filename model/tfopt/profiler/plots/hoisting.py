"""What hoisting buys: operations by layer, before and after; and the time for a sample."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tfopt.profiler.modes import heading, hoisting, rungs, subtitle
from tfopt.profiler.plots import style
from tfopt.profiler.quantities import amount_text, ratio_text, seconds_text

_WIDTH, _ROW, _TOP, _BOTTOM = 16.0, 0.72, 2.45, 0.5  # inches
_LEFT, _GAP, _RIGHT = 1.3, 2.0, 0.5
_FIRST = 7.4  # the first panel's width
_TEXT = 3.0  # for the text behind the longest bar
_THICK = 0.36  # of a bar, in rows
_BEFORE = style.RUNGS["naive"]
# What is computed when, once hoisted.
_PARTS = (
    ("step", "in the step", style.SERIES[0]),
    ("block", "ahead, in blocks", style.SERIES[4]),
    ("frame", "once a frame", style.SERIES[1]),
)


def draw(made: dict[str, Any]) -> bytes:
    """Returns the picture of a document of hoisting as PNG."""
    layers = [*hoisting.layers(made), hoisting.sums(made)[1]]
    rows = [
        (f"{pair.backend}, {panel}", pair)
        for panel in (rungs.ALONE, rungs.TOGETHER)
        for pair in hoisting.pairs(made, panel)
    ]
    with style.settings():
        height = _TOP + _ROW * len(layers) + _BOTTOM
        figure = style.new_figure(_WIDTH, height)
        room = _WIDTH - 2 * _RIGHT
        title = heading(made, "", hoisting.finding(made))
        size = style.fitted_size(figure, title, style.TITLE, room, 13)
        title = style.shortened(figure, title, size, room, "bold")
        _write(figure, _RIGHT, 0.55, title, size, bold=True)
        text = style.shortened(figure, subtitle(made), style.SUBTITLE, room)
        _write(figure, _RIGHT, 1.05, text, style.SUBTITLE)
        _legend(figure)
        _operations(_axes(figure, _LEFT, _FIRST, [layer.name for layer in layers]), layers)
        _write(figure, _LEFT, 2.1, "Operations for a sample", style.PANEL, bold=True)
        if rows:
            left = _LEFT + _FIRST + _GAP
            width = _WIDTH - _RIGHT - left
            _times(_axes(figure, left, width, [name for name, _ in rows]), rows, width)
            _write(figure, left, 2.1, "Time for a sample", style.PANEL, bold=True)
        return style.png(figure)


def _operations(axes: Axes, layers: list[hoisting.Layer]) -> None:
    longest = max(max(layer.before, layer.after) for layer in layers)
    axes.set_xlim(0, longest * _FIRST / (_FIRST - _TEXT))
    for place, layer in enumerate(layers):
        axes.barh(place - _THICK / 2, layer.before, height=_THICK, color=_BEFORE)
        begin = 0.0
        for name, _, colour in _PARTS:
            count = getattr(layer, name)
            axes.barh(place + _THICK / 2, count, left=begin, height=_THICK, color=colour)
            begin += count
        _note(axes, layer.before, place - _THICK / 2, amount_text(layer.before, ""))
        step = f"{amount_text(layer.step, '')} in the step"
        step += f", {layer.fewer_waiting:.0%} fewer" if layer.step < layer.before else ""
        _note(axes, layer.after, place + _THICK / 2, step)


def _times(axes: Axes, rows: list[tuple[str, hoisting.Pair]], width: float) -> None:
    """Draws each backend's time after hoisting beside its time before, which is as long for all."""
    longest = max(max(1.0, 1 / pair.ratio) for _, pair in rows)
    axes.set_xlim(0, longest * width / (width - _TEXT / 2))
    for place, (_, pair) in enumerate(rows):
        axes.barh(place - _THICK / 2, 1.0, height=_THICK, color=_BEFORE)
        axes.barh(place + _THICK / 2, 1 / pair.ratio, height=_THICK, color=_PARTS[0][2])
        _note(axes, 1.0, place - _THICK / 2, seconds_text(pair.before.median))
        text = f"{seconds_text(pair.after.median)} · {ratio_text(pair.ratio)}"
        _note(axes, 1 / pair.ratio, place + _THICK / 2, text)


def _axes(figure: Figure, left: float, width: float, names: list[str]) -> Axes:
    """Adds a panel with a row for each name, from the top."""
    height = figure.get_figheight()
    bottom = 1 - (_TOP + _ROW * len(names)) / height
    axes = figure.add_axes((left / _WIDTH, bottom, width / _WIDTH, _ROW * len(names) / height))
    axes.spines[:].set_visible(False)
    axes.set_xticks([])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), names, fontsize=style.LABEL)
    axes.tick_params(axis="y", length=0, pad=10)
    return axes


def _note(axes: Axes, x: float, y: float, text: str) -> None:
    """Writes behind the end of a bar."""
    axes.annotate(
        text,
        (x, y),
        (7, 0),
        textcoords="offset points",
        va="center_baseline",
        fontsize=style.SMALL,
    )


def _legend(figure: Figure) -> None:
    place = _RIGHT
    entries = [("before", _BEFORE), *((f"after: {text}", colour) for _, text, colour in _PARTS)]
    for text, colour in entries:
        _write(figure, place, 1.5, "■", style.SMALL, colour=colour)
        _write(figure, place + 0.22, 1.5, text, style.SMALL)
        place += 0.22 + style.text_width(figure, text, style.SMALL) + 0.35


def _write(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    bold: bool = False,
    colour: str = "",
) -> None:
    """Writes a text whose middle is `y` inches below the top."""
    figure.text(
        x / _WIDTH,
        1 - y / figure.get_figheight(),
        text,
        fontsize=size,
        fontweight="bold" if bold else "normal",
        color=colour or (style.INK if bold else style.FAINT),
        va="center_baseline",
    )
