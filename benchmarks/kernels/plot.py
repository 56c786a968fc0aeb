"""The picture of what run.py measured: for each product, how much longer libraries take than tfopt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import ticker
from matplotlib.axes import Axes
from ratios import Ratio, ratios

from tfopt.profiler.plots import style

_WIDTH, _ROW, _TOP, _BOTTOM, _LEFT, _RIGHT, _GAP = 18.0, 0.33, 2.4, 0.9, 3.3, 0.4, 0.35  # inches
_WIDE = 20  # a range in which only powers of ten are named


def draw(report: Mapping[str, Any]) -> bytes:
    """Returns a PNG with a panel for each type."""
    found = ratios(report)
    libraries = list(dict.fromkeys(ratio.library for ratio in found))
    types = list(dict.fromkeys(ratio.type for ratio in found))
    rows = list(dict.fromkeys((ratio.model, ratio.size) for ratio in found))
    height = _TOP + _ROW * len(rows) + _BOTTOM
    width = (_WIDTH - _LEFT - _RIGHT - _GAP * (len(types) - 1)) / max(len(types), 1)
    with style.settings():
        figure = style.new_figure(_WIDTH, height)
        faster = sum(ratio.ratio >= 1 for ratio in found)
        for y, text, size, weight in (
            (0.55, f"tfopt is faster in {faster} of {len(found)} pairs", style.TITLE, "bold"),
            (1.05, _subtitle(report), style.SUBTITLE, "normal"),
        ):
            text = style.shortened(figure, text, size, _WIDTH - 1, weight)
            figure.text(0.5 / _WIDTH, 1 - y / height, text, fontsize=size, fontweight=weight)
        for number, kind in enumerate(types):
            left = _LEFT + number * (width + _GAP)
            inches = (left, _BOTTOM, width, height - _TOP - _BOTTOM)
            box = [value / (_WIDTH, height)[i % 2] for i, value in enumerate(inches)]
            axes = figure.add_axes((box[0], box[1], box[2], box[3]))
            of_type = [ratio for ratio in found if ratio.type == kind]
            _panel(axes, kind, of_type, libraries, rows)
            names = [f"{model}  {size}" for model, size in rows] if number == 0 else []
            axes.set_yticks(range(len(rows)), names or [""] * len(rows), fontsize=style.SMALL)
        handles = [
            figure.axes[0].plot([], [], "o", ms=9, color=_colour(libraries, name), label=name)[0]
            for name in libraries
        ]
        place = (0.5 / _WIDTH, 1 - 1.75 / height)
        figure.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=place,
            ncols=len(libraries),
            frameon=False,
            fontsize=style.LABEL,
            borderaxespad=0,
        )
        return style.png(figure)


def _subtitle(report: Mapping[str, Any]) -> str:
    cpu = report["machine"]["cpu"]["model"]
    return (
        f"A library's time by tfopt's: matrix x one vector, one thread of {cpu}, weights streamed"
    )


def _colour(libraries: Sequence[str], library: str) -> str:
    return style.SERIES[libraries.index(library) % len(style.SERIES)]


def _panel(
    axes: Axes,
    kind: str,
    found: Sequence[Ratio],
    libraries: Sequence[str],
    rows: Sequence[tuple[str, str]],
) -> None:
    axes.set_title(kind, fontsize=style.PANEL, fontweight="bold", loc="left")
    axes.axvline(1, color=style.INK, lw=1.3)
    for ratio in found:
        y = rows.index((ratio.model, ratio.size))
        axes.plot(ratio.ratio, y, "o", color=_colour(libraries, ratio.library), ms=9, alpha=0.9)
    axes.set_xscale("log")
    axes.set_ylim(len(rows) - 0.5, -0.5)
    low = min([0.7, *(ratio.ratio for ratio in found)])
    high = max([3.0, *(ratio.ratio for ratio in found)])
    axes.set_xlim(low / 1.15, high * 1.15)
    wide = high / low > _WIDE
    axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1,) if wide else (1, 2, 5), numticks=8))
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}×"))
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.tick_params(length=0, pad=6)
    axes.grid(color=style.LINE, lw=1)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
