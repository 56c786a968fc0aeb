"""The picture of what run.py measured: for each product, how much longer libraries take than tfopt."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib import ticker
from matplotlib.axes import Axes

from tfopt.profiler.plots import style
from tfopt.report.kernel_files import Comparison, Kernels, Product

_WIDTH, _ROW, _TOP, _BOTTOM, _LEFT, _RIGHT, _GAP = 18.0, 0.33, 2.4, 0.9, 3.3, 0.4, 0.35  # inches
_WIDE = 20  # a range in which only powers of ten are named


def draw(found: Kernels, cpu: str) -> bytes:
    """Returns a PNG with a panel for each type.

    Args:
        found: what was measured.
        cpu: what it was measured on.
    """
    libraries, types = found.libraries, found.types
    rows = list(dict.fromkeys(map(_row, found.products)))
    height = _TOP + _ROW * len(rows) + _BOTTOM
    width = (_WIDTH - _LEFT - _RIGHT - _GAP * (len(types) - 1)) / len(types)
    with style.settings():
        figure = style.new_figure(_WIDTH, height)
        faster = sum(one.gain.ratio >= 1 for one in found.comparisons)
        for y, text, size, weight in (
            (
                0.55,
                f"tfopt is faster in {faster} of {len(found.comparisons)} pairs",
                style.TITLE,
                "bold",
            ),
            (1.05, _subtitle(cpu), style.SUBTITLE, "normal"),
        ):
            text = style.shortened(figure, text, size, _WIDTH - 1, weight)
            figure.text(0.5 / _WIDTH, 1 - y / height, text, fontsize=size, fontweight=weight)
        for number, kind in enumerate(types):
            left = _LEFT + number * (width + _GAP)
            inches = (left, _BOTTOM, width, height - _TOP - _BOTTOM)
            box = [value / (_WIDTH, height)[i % 2] for i, value in enumerate(inches)]
            axes = figure.add_axes((box[0], box[1], box[2], box[3]))
            of_type = [one for one in found.comparisons if one.product.type == kind]
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


def _row(product: Product) -> tuple[str, str]:
    return product.model, product.size


def _subtitle(cpu: str) -> str:
    return (
        f"A library's time by tfopt's: matrix x one vector, one thread of {cpu}, weights streamed"
    )


def _colour(libraries: Sequence[str], library: str) -> str:
    return style.SERIES[libraries.index(library) % len(style.SERIES)]


def _panel(
    axes: Axes,
    kind: str,
    found: Sequence[Comparison],
    libraries: Sequence[str],
    rows: Sequence[tuple[str, str]],
) -> None:
    axes.set_title(kind, fontsize=style.PANEL, fontweight="bold", loc="left")
    axes.axvline(1, color=style.INK, lw=1.3)
    ratios = [one.gain.ratio for one in found]
    for one in found:
        colour, y = _colour(libraries, one.library), rows.index(_row(one.product))
        axes.plot(one.gain.ratio, y, "o", color=colour, ms=9, alpha=0.9)
    axes.set_xscale("log")
    axes.set_ylim(len(rows) - 0.5, -0.5)
    low = min([0.7, *ratios])
    high = max([3.0, *ratios])
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
