"""The four panels of a section: latency, throughput, cold start, memory.

Every value is written beside its mark, so that no axis has to be read; only latency, which is
logarithmic, keeps its axis.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tfopt.profiler.plots import style
from tfopt.profiler.quantities import rate_text, seconds_text, whole_seconds_text
from tfopt.profiler.results import Measured

_PAD = 0.13  # inches between a mark and its text
_SPACE = 0.12  # inches between two texts
_BAR = 0.34  # inches
_LOOKS = {"dashed": (0, (4, 3)), "dotted": (0, (1, 2))}


@dataclass(frozen=True)
class Mark:
    """A latency that all others are to be compared with; its line is `dashed` or `dotted`."""

    name: str
    seconds: float
    look: str


@dataclass(frozen=True)
class Line:
    """A row that has figures, its middle in inches below the panel's top, and the bound of this row alone."""

    place: float
    colour: str
    measured: Measured
    latency_note: str
    throughput_note: str
    bound_s: float | None = None


def latency(
    axes: Axes,
    lines: Sequence[Line],
    width: float,
    title: str,
    height: float,
    marks: Sequence[Mark] = (),
) -> None:
    """Draws a dot for the median, small ones for the rounds, a whisker to the 95th percentile.

    Marks are lines over all rows; a row's own bound is a dashed one.
    """
    explanation = "median, rounds; line to 95th percentile"
    bounds = [line.bound_s for line in lines if line.bound_s is not None]
    if marks or bounds:
        explanation = "; ".join(
            [
                *(["dashed: bound of each"] if bounds else []),
                *(f"{mark.look}: {mark.name}, {seconds_text(mark.seconds)}" for mark in marks),
            ]
        )
    _heading(axes, title, explanation, width, height)
    if not lines:
        return _empty(axes)
    texts = [(seconds_text(line.measured.latency_s.median), line.latency_note) for line in lines]
    ends = [max(line.measured.latency_p95_s, line.measured.latency_s.high) for line in lines]
    lows = [line.measured.latency_s.low for line in lines]
    lows += [*(mark.seconds for mark in marks), *bounds]
    low = min(lows) / 1.25
    # The widest text must end at the panel's edge: solve for the upper limit of the log axis.
    span = max(
        math.log(end / low) * width / max(width - _texts_width(axes, *text), 0.3 * width)
        for end, text in zip(ends, texts, strict=True)
    )
    high = low * math.exp(max(span, math.log(30.0)))
    axes.set_xscale("log")
    for line, text, end in zip(lines, texts, ends, strict=True):
        figure, y = line.measured.latency_s, line.place
        axes.plot([figure.median, line.measured.latency_p95_s], [y, y], color=line.colour, lw=2.5)
        axes.plot(figure.median, y, "o", color=line.colour, ms=13, mec=style.PAPER, mew=1.5)
        rounds = figure.rounds
        axes.plot(figure.middles, [y] * rounds, "o", color=style.INK, ms=3.5, alpha=0.5, mew=0)
        _label(axes, end, y, *text)
    powers = range(math.ceil(math.log10(low) - 0.01), math.floor(math.log10(high) - 0.05) + 1)
    ticks = [10.0**power for power in powers][:: 1 + len(powers) // 6]
    axes.set_xticks(ticks, [whole_seconds_text(value) for value in ticks])
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.set_xlim(low, high)
    axes.tick_params(axis="x", length=0, pad=6)
    axes.grid(axis="x", color=style.LINE, lw=1)
    axes.set_axisbelow(True)
    for mark in marks:
        axes.axvline(mark.seconds, color=style.INK, lw=1.3, ls=_LOOKS[mark.look], zorder=0.5)
    for line in lines:
        if line.bound_s is not None:
            reach = [line.place - _BAR, line.place + _BAR]
            axes.plot([line.bound_s] * 2, reach, color=style.INK, lw=1.3, ls=_LOOKS["dashed"])
    return None


def throughput(
    axes: Axes, lines: Sequence[Line], width: float, title: tuple[str, str], height: float
) -> None:
    """Draws a bar for the items per second, a dot for each round."""
    _heading(axes, *title, width, height)
    if not lines:
        return _empty(axes)
    texts = [(rate_text(line.measured.throughput.median), line.throughput_note) for line in lines]
    ends = [line.measured.throughput.high for line in lines]
    _linear(axes, ends, texts, width)
    for line, text, end in zip(lines, texts, ends, strict=True):
        figure = line.measured.throughput
        axes.barh(line.place, figure.median, height=_BAR, color=line.colour)
        axes.plot(
            figure.middles, [line.place] * figure.rounds, "o", color=style.INK, ms=3.5, alpha=0.5
        )
        _label(axes, end, line.place, *text)
    return None


def cold_start(axes: Axes, lines: Sequence[Line], width: float, title: str, height: float) -> None:
    """Draws import, load and first call as one bar of three parts."""
    _heading(axes, title, "", width, height)
    if not lines:
        return _empty(axes)
    _stage_names(axes, height)
    texts = [(f"{line.measured.cold_start_s:.1f} s", "") for line in lines]
    _linear(axes, [line.measured.cold_start_s for line in lines], texts, width)
    for line, text in zip(lines, texts, strict=True):
        measured, left = line.measured, 0.0
        parts = (measured.import_s, measured.load_s, measured.first_call_s)
        for seconds, colour in zip(parts, style.STAGES, strict=True):
            axes.barh(line.place, seconds, left=left, height=_BAR, color=colour)
            left += seconds
        _label(axes, left, line.place, *text)
    return None


def memory(axes: Axes, lines: Sequence[Line], width: float, title: str, height: float) -> None:
    """Draws a bar for the peak memory of the process."""
    _heading(axes, title, "of the process", width, height)
    known = [(line, line.measured.peak_bytes) for line in lines if line.measured.peak_bytes]
    if not known:
        return _empty(axes)
    texts = [(f"{size / 1e6:,.0f} MB", "") for _, size in known]
    _linear(axes, [size for _, size in known], texts, width)
    for (line, size), text in zip(known, texts, strict=True):
        axes.barh(line.place, size, height=_BAR, color=style.STAGES[2])
        _label(axes, size, line.place, *text)
    return None


def _empty(axes: Axes) -> None:
    axes.set_xticks([])


def _linear(
    axes: Axes, ends: Sequence[float], texts: Sequence[tuple[str, str]], width: float
) -> None:
    """Sets a scale from 0 on which each bar and its text fit the panel."""
    limit = max(
        end * width / max(width - _texts_width(axes, *text), 0.3 * width)
        for end, text in zip(ends, texts, strict=True)
    )
    axes.set_xlim(0.0, limit)
    axes.set_xticks([])


def _heading(axes: Axes, title: str, explanation: str, width: float, height: float) -> None:
    figure = _figure(axes)
    title = style.shortened(figure, title, style.PANEL, width + 0.3, "bold")
    at: dict[str, Any] = {"transform": axes.transAxes, "va": "baseline", "clip_on": False}
    axes.text(0, 1 + 0.42 / height, title, fontsize=style.PANEL, fontweight="bold", **at)
    explanation = style.shortened(figure, explanation, style.SMALL, width + 0.3)
    axes.text(0, 1 + 0.16 / height, explanation, fontsize=style.SMALL, color=style.FAINT, **at)


def _stage_names(axes: Axes, height: float) -> None:
    """Names the parts of the cold start once, each after a patch of its colour."""
    figure = _figure(axes)
    panel = axes.get_position().width * figure.get_figwidth()
    x = 0.0
    for name, colour in zip(("import", "load", "first call"), style.STAGES, strict=True):
        for text, ink in (("■ ", colour), (name, style.FAINT)):
            axes.text(
                x / panel,
                1 + 0.16 / height,
                text,
                transform=axes.transAxes,
                fontsize=style.SMALL,
                color=ink,
                va="baseline",
            )
            x += style.text_width(figure, text, style.SMALL)
        x += 0.14


def _texts_width(axes: Axes, value: str, note: str) -> float:
    figure = _figure(axes)
    width = _PAD + style.text_width(figure, value, style.LABEL, "bold")
    return width + (_SPACE + style.text_width(figure, note, style.LABEL) if note else 0.0)


def _label(axes: Axes, x: float, y: float, value: str, note: str) -> None:
    """Writes a value and its note to the right of a mark."""
    points = 72.0
    place: dict[str, Any] = {
        "textcoords": "offset points",
        "va": "center_baseline",
        "fontsize": style.LABEL,
    }
    # White behind the text, so that the grid does not run through it.
    place["bbox"] = {"facecolor": style.PAPER, "edgecolor": "none", "pad": 1.0}
    offset = _PAD * points
    axes.annotate(value, (x, y), (offset, 0), fontweight="bold", **place)
    if note:
        offset += (style.text_width(_figure(axes), value, style.LABEL, "bold") + _SPACE) * points
        axes.annotate(note, (x, y), (offset, 0), color=style.FAINT, **place)


def _figure(axes: Axes) -> Figure:
    return cast(Figure, axes.get_figure())
