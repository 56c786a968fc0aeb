"""Quality against speed, as a picture: a panel for each quality, a point for each model and compute type."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from tfopt.evaluation.metrics import Metric
from tfopt.evaluation.results import Evaluation
from tfopt.profiler.plots import style
from tfopt.profiler.quantities import rate_text, ratio_text

_WIDTH, _HEIGHT = 16.0, 8.0
_LEFT, _RIGHT, _TOP, _BOTTOM, _GAP = 1.5, 0.5, 2.2, 1.0, 1.6  # inches
_MOST_PANELS = 2
# Of the middle value, that the axis of a quality shows up and down: less of a difference means nothing.
_LEAST_SPAN = 0.03
_WIDE = 12.0  # from the lowest to the highest speed
# Where a point's name may stand, in points from it; the first place that is free is taken.
_PLACES = [
    (9 * x, 4 + 13 * y) if x else (0, 13 * y)
    for y in (0, 1, -1, 2, -2, 3, -3, 4, -4)
    for x in (1, -1)
]


def draw(evaluation: Evaluation, machine: str) -> bytes:
    """Returns the picture as PNG.

    Args:
        evaluation: What is drawn.
        machine: What it was measured on.
    """
    title = finding(evaluation)
    panels = evaluation.qualities[:_MOST_PANELS]
    with style.settings():
        figure = style.new_figure(_WIDTH, _HEIGHT)
        room = _WIDTH - 2 * _RIGHT
        size = style.fitted_size(figure, title, style.TITLE, room, 13)
        _write(figure, 0.55, style.shortened(figure, title, size, room, "bold"), size, bold=True)
        subtitle = f"{machine} · {evaluation.data}"
        subtitle = style.shortened(figure, subtitle, style.SUBTITLE, room)
        _write(figure, 1.05, subtitle, style.SUBTITLE)
        _legend(figure, evaluation.models)
        count = len(panels)
        width = (_WIDTH - _LEFT - _RIGHT - _GAP * (count - 1)) / count
        for number, metric in enumerate(panels):
            left = (_LEFT + number * (width + _GAP)) / _WIDTH
            height = (_HEIGHT - _TOP - _BOTTOM) / _HEIGHT
            axes = figure.add_axes((left, _BOTTOM / _HEIGHT, width / _WIDTH, height))
            _panel(figure, axes, evaluation, metric)
        return style.png(figure)


def finding(evaluation: Evaluation) -> str:
    """Returns what the fastest row gains and loses against the first."""
    quality, speed = evaluation.metrics.qualities[0], evaluation.metrics.speeds[0]
    first = evaluation.rows[0]
    fastest = max(evaluation.rows, key=lambda row: row.speed(speed).median)
    names = [
        row.type_text if len(evaluation.models) == 1 else f"{row.model}, {row.type_text}"
        for row in (fastest, first)
    ]
    values = [quality.text(row.qualities[quality.name]) for row in (first, fastest)]
    if fastest is first:
        others = " is the fastest" if len(evaluation.rows) > 1 else ""
        return f"{first.model}, {first.type_text}{others}: {quality.long} {values[0]}"
    ratio = ratio_text(fastest.speed(speed).median / first.speed(speed).median)
    return f"{names[0]} is {ratio} as fast as {names[1]}; {quality.long}: {' → '.join(values)}"


def _panel(figure: Figure, axes: Axes, evaluation: Evaluation, metric: Metric) -> None:
    speed = evaluation.metrics.speeds[0]
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(color=style.LINE, lw=1)
    axes.set_axisbelow(True)
    axes.set_xscale("log")
    axes.set_title(metric.long, loc="left", fontsize=style.PANEL, fontweight="bold", pad=12)
    axes.set_xlabel(speed.long, fontsize=style.LABEL, color=style.FAINT, labelpad=8)
    axes.tick_params(labelsize=style.SMALL, labelcolor=style.FAINT, length=0, pad=8)
    points = []
    for place, model in enumerate(evaluation.models):
        colour = style.SERIES[place % len(style.SERIES)]
        for row in evaluation.rows:
            if row.model == model and metric.name in row.qualities:
                figures, value = row.speed(speed), row.qualities[metric.name]
                axes.hlines(value, figures.low, figures.high, color=colour, lw=2, alpha=0.5)
                axes.plot(figures.median, value, "o", color=colour, ms=10)
                points.append((figures.median, value, row.type_text, colour))
    axes.margins(0.16, 0.2)
    _ticks(axes)
    values = [value for _, value, _, _ in points]
    middle, span = (max(values) + min(values)) / 2, max(values) - min(values)
    half = max(span * 0.7, _LEAST_SPAN * abs(middle), 1e-6)
    axes.set_ylim(middle - half, middle + half)
    if metric.text(0).endswith("%"):
        axes.yaxis.set_major_formatter(ticker.PercentFormatter(1.0))
    _name(figure, axes, points)


def _ticks(axes: Axes) -> None:
    """Puts round numbers along the axis of speeds."""
    low, high = axes.get_xlim()
    locator = (
        ticker.LogLocator(subs=(1.0, 2.0, 5.0))
        if high / low > _WIDE
        else ticker.MaxNLocator(6, steps=[1, 2, 5, 10])
    )
    places = [place for place in locator.tick_values(low, high) if low <= place <= high]
    axes.set_xticks(places, [rate_text(place) for place in places])
    axes.xaxis.set_minor_locator(ticker.NullLocator())


def _name(figure: Figure, axes: Axes, points: Sequence[tuple[float, float, str, str]]) -> None:
    """Writes each point's compute type beside it, where no other name and no point is."""
    figure.draw_without_rendering()
    taken = [
        Bbox.from_bounds(x - 8, y - 8, 16, 16)
        for x, y in axes.transData.transform([point[:2] for point in points])
    ]
    for x, y, text, colour in points:
        for dx, dy in _PLACES:
            label = axes.annotate(
                text,
                (x, y),
                (dx, dy),
                textcoords="offset points",
                ha="left" if dx > 0 else "right" if dx < 0 else "center",
                color=colour,
                fontsize=style.SMALL,
            )
            box = label.get_window_extent()
            if not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            label.remove()


def _legend(figure: Figure, models: Sequence[str]) -> None:
    """Writes the models in their colours, as far as there is room."""
    place = _RIGHT
    for number, model in enumerate(models):
        width = style.text_width(figure, model, style.SMALL, "bold")
        if place + width > _WIDTH - _RIGHT:
            break
        colour = style.SERIES[number % len(style.SERIES)]
        _write(figure, 1.5, model, style.SMALL, bold=True, x=place, colour=colour)
        place += width + 0.35


def _write(
    figure: Figure,
    y: float,
    text: str,
    size: float,
    *,
    bold: bool = False,
    x: float = _RIGHT,
    colour: str = "",
) -> None:
    """Writes a text whose middle is `y` inches below the top."""
    figure.text(
        x / _WIDTH,
        1 - y / _HEIGHT,
        text,
        fontsize=size,
        fontweight="bold" if bold else "normal",
        color=colour or (style.INK if bold else style.FAINT),
        va="center_baseline",
    )
