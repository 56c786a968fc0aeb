"""What runs in real time: a row for each size, a column for each sample rate."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from tfopt.profiler.modes import heading, realtime, subtitle
from tfopt.profiler.plots import style
from tfopt.profiler.quantities import rate_text, real_time_text

_WIDTH, _ROW, _TOP, _BOTTOM = 16.0, 0.44, 2.35, 0.65  # inches
_NAMES, _COLUMN, _CELLS = 0.5, 1.2, 8.3  # inches: left of names, width of a column, left of cells
_FIGURES = (4.9, 6.2, 7.4)  # right edges of predicted, measured, error
# Comfortably in real time, barely, not.
_FAST, _CLOSE, _SLOW = "#bfe5d6", "#fdeccb", "#f6cfc9"


def draw(made: dict[str, Any]) -> bytes:
    """Returns the picture of a document of real-time sizes as PNG."""
    found = realtime.sizes(made)
    with style.settings():
        height = _TOP + _ROW * len(found) + _BOTTOM
        figure = style.new_figure(_WIDTH, height)
        room = _WIDTH - 2 * _NAMES
        title = heading(made, made["backend"], realtime.finding(made))
        size = style.fitted_size(figure, title, style.TITLE, room, 13)
        title = style.shortened(figure, title, size, room, "bold")
        _write(figure, _NAMES, 0.55, title, size, bold=True)
        text = style.shortened(figure, subtitle(made), style.SUBTITLE, room)
        _write(figure, _NAMES, 1.05, text, style.SUBTITLE)
        for edge, name in zip(_FIGURES, ("predicted", "measured", "error"), strict=True):
            _write(figure, edge, _TOP - 0.3, name, style.SMALL, align="right")
        _write(figure, _FIGURES[0], _TOP - 0.6, "samples a second", style.SMALL, align="right")
        text = "seconds of audio in a second, by sample rate"
        _write(figure, _CELLS, _TOP - 0.6, text, style.SMALL)
        for column, rate in enumerate(realtime.SAMPLE_RATES):
            middle = _CELLS + _COLUMN * column + _COLUMN / 2 - 0.05
            _write(figure, middle, _TOP - 0.3, f"{rate / 1000:g} kHz", style.SMALL, align="center")
        for number, one in enumerate(found):
            _draw_size(figure, one, _TOP + _ROW * (number + 0.5))
        note = (
            "Measured where a measurement stands, predicted elsewhere. "
            "Green: twice as fast as needed, or more."
        )
        _write(
            figure,
            _NAMES,
            height - 0.25,
            style.shortened(figure, note, style.SMALL, room),
            style.SMALL,
        )
        return style.png(figure)


def _draw_size(figure: Figure, size: realtime.Size, y: float) -> None:
    name = style.shortened(figure, size.name, style.LABEL, _FIGURES[0] - _NAMES - 1.0)
    _write(figure, _NAMES, y, name, style.LABEL, bold=False, ink=style.INK)
    texts = (
        rate_text(1 / size.predicted_s),
        rate_text(1 / size.measured.median) if size.measured else "",
        f"{size.error:+.0%}" if size.error is not None else "",
    )
    for edge, text in zip(_FIGURES, texts, strict=True):
        if text:
            _write(figure, edge, y, text, style.LABEL, align="right", ink=style.INK)
    seconds = size.measured.median if size.measured else size.predicted_s
    for column, rate in enumerate(realtime.SAMPLE_RATES):
        factor = 1 / (seconds * rate)
        left = _CELLS + _COLUMN * column
        colour = _FAST if factor >= 2 else _CLOSE if factor >= 1 else _SLOW
        bottom = 1 - (y + _ROW / 2 - 0.03) / figure.get_figheight()
        box = (
            left / _WIDTH,
            bottom,
            (_COLUMN - 0.1) / _WIDTH,
            (_ROW - 0.06) / figure.get_figheight(),
        )
        cell = figure.add_axes(box)
        cell.set_axis_off()
        cell.patch.set_visible(False)
        cell.axhspan(0, 1, color=colour)
        cell.set_ylim(0, 1)
        middle = left + _COLUMN / 2 - 0.05
        _write(
            figure, middle, y, real_time_text(factor), style.LABEL, align="center", ink=style.INK
        )


def _write(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    bold: bool = False,
    align: str = "left",
    ink: str = "",
) -> None:
    figure.text(
        x / _WIDTH,
        1 - y / figure.get_figheight(),
        text,
        fontsize=size,
        fontweight="bold" if bold else "normal",
        color=ink or (style.INK if bold else style.FAINT),
        ha=align,
        va="center_baseline",
    )
