"""Time per module as bars, each with its share, the weights it reads, and how fast."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from tfopt.profiler.modes import heading, modules, subtitle
from tfopt.profiler.plots import style
from tfopt.profiler.quantities import amount_text, seconds_text

_WIDTH, _ROW, _TOP, _BOTTOM = 16.0, 0.56, 1.9, 0.75
_LEFT, _RIGHT = 2.9, 0.5  # inches
_TEXT = 5.6  # inches for the text behind the longest bar


def draw(made: dict[str, Any]) -> bytes:
    """Returns the picture of a document of modules as PNG."""
    parts = modules.parts(made)
    with style.settings():
        height = _TOP + _ROW * len(parts) + _BOTTOM
        figure = style.new_figure(_WIDTH, height)
        room = _WIDTH - 2 * _RIGHT
        title = heading(made, modules.rung_of(made), modules.finding(made))
        size = style.fitted_size(figure, title, style.TITLE, room, 13)
        _write(figure, 0.55, style.shortened(figure, title, size, room, "bold"), size, bold=True)
        text = style.shortened(figure, subtitle(made), style.SUBTITLE, room)
        _write(figure, 1.05, text, style.SUBTITLE)
        measured = modules.bandwidth(made)
        note = "Time for a sample in each part of the native step; weights read, and how fast."
        if measured:
            note += f" One core reads as many bytes at {amount_text(measured, 'B/s')}."
        _write(figure, 1.5, style.shortened(figure, note, style.SMALL, room), style.SMALL)
        panel = _WIDTH - _LEFT - _RIGHT
        box = (_LEFT / _WIDTH, _BOTTOM / height, panel / _WIDTH, _ROW * len(parts) / height)
        axes = figure.add_axes(box)
        axes.spines[:].set_visible(False)
        axes.set_xticks([])
        axes.set_ylim(len(parts) - 0.5, -0.5)
        axes.set_yticks(range(len(parts)), [part.name for part in parts], fontsize=style.LABEL)
        axes.tick_params(axis="y", length=0, pad=10)
        longest = max(part.seconds.high for part in parts)
        axes.set_xlim(0, longest * panel / (panel - _TEXT))
        for place, part in enumerate(parts):
            axes.barh(
                place, part.seconds.median, height=0.6, color=style.colour(modules.rung_of(made), 0)
            )
            axes.plot(
                part.seconds.middles,
                [place] * part.seconds.rounds,
                "o",
                color=style.INK,
                ms=3.5,
                alpha=0.5,
            )
            axes.annotate(
                _text(part),
                (part.seconds.high, place),
                (9, 0),
                textcoords="offset points",
                va="center_baseline",
                fontsize=style.LABEL,
            )
        return style.png(figure)


def _text(part: modules.Part) -> str:
    text = f"{seconds_text(part.seconds.median)} · {part.share:.0%}"
    if part.bytes and part.bytes_per_s:
        text += f" · {amount_text(part.bytes, 'B')} at {amount_text(part.bytes_per_s, 'B/s')}"
    return text


def _write(figure: Figure, y: float, text: str, size: float, *, bold: bool = False) -> None:
    figure.text(
        _RIGHT / _WIDTH,
        1 - y / figure.get_figheight(),
        text,
        fontsize=size,
        fontweight="bold" if bold else "normal",
        color=style.INK if bold else style.FAINT,
        va="center_baseline",
    )
