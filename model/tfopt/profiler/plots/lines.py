"""Curves, one for each backend, named at their ends: a sweep, or memory over time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tfopt.profiler.plots import style
from tfopt.profiler.quantities import whole_seconds_text

WIDTH, HEIGHT = 16.0, 9.0
_LEFT, _RIGHT, _TOP, _BOTTOM, _GAP = 1.35, 0.5, 2.15, 1.15, 1.3  # inches
_NAMES = 1.7  # inches right of each panel for the curves' names
_LINE = 0.27  # inches between two names


@dataclass(frozen=True)
class Curve:
    """Points from left to right, with the lowest and highest of the rounds around each."""

    name: str
    colour: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    dashed: bool = False


@dataclass(frozen=True)
class Panel:
    """One pair of axes.

    Attributes:
        title: stands above it.
        x_label: what lies along it.
        curves: what is drawn.
        doubling: whether x is on a scale of doublings.
        seconds: whether y is a time on a logarithmic scale, else MB from 0.
    """

    title: str
    x_label: str
    curves: Sequence[Curve]
    doubling: bool = False
    seconds: bool = True


def draw(title: str, subtitle: str, panels: Sequence[Panel], footnote: str = "") -> bytes:
    """Returns the picture as PNG: the finding, what was measured on what, panels side by side."""
    with style.settings():
        figure = style.new_figure(WIDTH, HEIGHT)
        room = WIDTH - 2 * _RIGHT
        size = style.fitted_size(figure, title, style.TITLE, room, 13)
        _write(
            figure, 0.5, 0.55, style.shortened(figure, title, size, room, "bold"), size, bold=True
        )
        subtitle = style.shortened(figure, subtitle, style.SUBTITLE, room)
        _write(figure, 0.5, 1.05, subtitle, style.SUBTITLE)
        if footnote:
            text = style.shortened(figure, footnote, style.SMALL, room)
            _write(figure, 0.5, HEIGHT - 0.25, text, style.SMALL)
        count = max(len(panels), 1)
        width = (WIDTH - _LEFT - _RIGHT - _GAP * (count - 1)) / count - _NAMES
        for number, panel in enumerate(panels):
            left = _LEFT + number * (width + _NAMES + _GAP)
            height = HEIGHT - _TOP - _BOTTOM
            box = (left / WIDTH, _BOTTOM / HEIGHT, width / WIDTH, height / HEIGHT)
            _draw_panel(figure, figure.add_axes(box), panel, height)
        return style.png(figure)


def curves_of(by_backend: Mapping[str, Sequence[tuple[float, float, float, float]]]) -> list[Curve]:
    """Returns a curve for each backend of points (x, y, low, high)."""
    return [
        Curve(name, style.colour(name, place), *map(list, zip(*points, strict=True)))  # type: ignore[arg-type]
        for place, (name, points) in enumerate(by_backend.items())
    ]


def _draw_panel(figure: Figure, axes: Axes, panel: Panel, height: float) -> None:
    axes.text(
        *(0, 1 + 0.2 / height, panel.title),
        transform=axes.transAxes,
        fontsize=style.PANEL,
        fontweight="bold",
    )
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(color=style.LINE, lw=1)
    axes.set_axisbelow(True)
    axes.set_xlabel(panel.x_label, fontsize=style.LABEL, color=style.FAINT, labelpad=8)
    axes.tick_params(labelsize=style.SMALL, labelcolor=style.FAINT, length=0, pad=10)
    if panel.doubling:
        axes.set_xscale("log", base=2)
    if panel.seconds:
        axes.set_yscale("log")
    for curve in panel.curves:
        look = (0, (4, 3)) if curve.dashed else "-"
        marker = "" if curve.dashed or len(curve.x) > 40 else "o"
        axes.plot(curve.x, curve.y, color=curve.colour, lw=2.5, ls=look, marker=marker, ms=8)
        if curve.low:
            axes.vlines(curve.x, curve.low, curve.high, color=curve.colour, lw=1.5, alpha=0.6)
    _limits(axes, panel)
    _name(figure, axes, panel, height)


def _limits(axes: Axes, panel: Panel) -> None:
    xs = sorted({value for curve in panel.curves for value in curve.x}) or [1.0]
    ys = [v for curve in panel.curves for v in (*curve.y, *curve.low, *curve.high)] or [1.0]
    if panel.seconds:
        low, high = min(ys) / 1.6, max(ys) * 1.6
        if high / low < 10:
            low, high = low / 2, high * 2
        axes.set_ylim(low, high)
        powers = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
        steps = (1.0, 2.0, 5.0) if high / low < 300 else (1.0,)
        ticks = [
            s * 10.0**power for power in powers for s in steps if low <= s * 10.0**power <= high
        ]
        axes.set_yticks(ticks, [whole_seconds_text(value) for value in ticks])
    else:
        axes.set_ylim(0, max(ys) * 1.25)
        axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.0f} MB"))
    axes.yaxis.set_minor_locator(ticker.NullLocator())
    if panel.doubling:
        axes.set_xticks(xs, [f"{value:,.0f}" for value in xs])
    elif len(xs) <= 20:
        axes.set_xticks(xs, [f"{value:.3g}" for value in xs])
    else:
        places = ticker.MaxNLocator(10).tick_values(0, xs[-1])
        axes.set_xticks([value for value in places if value <= xs[-1]])
        axes.set_xlim(0, xs[-1])
    axes.xaxis.set_minor_locator(ticker.NullLocator())


def _name(figure: Figure, axes: Axes, panel: Panel, height: float) -> None:
    """Writes each curve's name beside its end, moved apart where two would touch."""
    ends = sorted(
        ((_place(axes, curve.y[-1]) * height, curve) for curve in panel.curves if curve.y),
        key=lambda pair: pair[0],
    )
    below = -math.inf
    heights = []
    for place, _ in ends:
        below = max(place, below + _LINE)
        heights.append(below)
    surplus = max(0.0, (heights[-1] if heights else 0.0) - height)
    for (_, curve), place in zip(ends, heights, strict=True):
        text = style.shortened(figure, curve.name, style.LABEL, _NAMES - 0.2, "bold")
        axes.text(
            *(1.0 + 0.02, (place - surplus) / height, text),
            transform=axes.transAxes,
            color=curve.colour,
            fontsize=style.LABEL,
            fontweight="bold",
            va="center_baseline",
        )


def _place(axes: Axes, y: float) -> float:
    """Returns where on the vertical axis a value lies, from 0 to 1."""
    low, high = axes.get_ylim()
    if axes.get_yscale() == "log":
        return math.log(y / low) / math.log(high / low)
    return (y - low) / (high - low)


def _write(
    figure: Figure, x: float, y: float, text: str, size: float, *, bold: bool = False
) -> None:
    """Writes a text whose middle is `y` inches below the top."""
    figure.text(
        x / WIDTH,
        1 - y / HEIGHT,
        text,
        fontsize=size,
        fontweight="bold" if bold else "normal",
        color=style.INK if bold else style.FAINT,
        va="center_baseline",
    )
