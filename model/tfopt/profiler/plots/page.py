"""A page of panels: for each section a heading and rows, each row with its four figures.

All places are in inches from the top left, so that rows, type and gaps keep their size however
many there are; text is measured before it is placed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tfopt.profiler.plots import panels, style
from tfopt.profiler.plots.panels import Mark
from tfopt.profiler.results import Measured

WIDTH = 16.0
_MARGIN = 0.45
_ROW = 0.56
_GROUP_GAP = 0.22
_GAP = 0.45  # between panels


@dataclass(frozen=True)
class Row:
    """One line of a section.

    Attributes:
        label: stands on the left.
        colour: of its marks.
        measured: its figures; None if there are none.
        message: why there are none.
        latency_note: stands behind the latency, for example its ratio.
        throughput_note: the same for throughput.
        bound_s: the least latency that this row could have, if that is not the same for all rows.
        group: rows of one group stand together; a change leaves a gap.
    """

    label: str
    colour: str
    measured: Measured | None
    message: str = ""
    latency_note: str = ""
    throughput_note: str = ""
    bound_s: float | None = None
    group: str = ""


@dataclass(frozen=True)
class Section:
    """One model's rows.

    Attributes:
        heading: stands above them.
        rows: from top to bottom.
        unit: what is counted: word, sample.
        batches: in what sizes.
        marks: latencies to compare with.
    """

    heading: str
    rows: Sequence[Row]
    unit: str
    batches: str
    marks: Sequence[Mark] = ()


def draw(
    title: str, subtitle: str, sections: Sequence[Section], footnotes: Sequence[str] = ()
) -> bytes:
    """Returns a page as PNG.

    Args:
        title: the finding, in one line.
        subtitle: what was measured on what.
        sections: from top to bottom.
        footnotes: texts at the bottom; one that begins with ! is a warning.
    """
    with style.settings():
        heights = [_section_height(section) for section in sections]
        room = WIDTH - 2 * _MARGIN
        lines = [
            (line, style.ALARM if note.startswith("!") else style.FAINT)
            for note in footnotes
            for line in style.wrapped(note.lstrip("! "), style.SMALL, room)
        ]
        height = 1.55 + sum(heights) + 0.3 * len(lines) + 0.3
        figure = style.new_figure(WIDTH, height)
        size = style.fitted_size(figure, title, style.TITLE, room, 13)
        title = style.shortened(figure, title, size, room, "bold")
        _write(figure, _MARGIN, 0.55, title, size=size, weight="bold")
        subtitle = style.shortened(figure, subtitle, style.SUBTITLE, room)
        _write(figure, _MARGIN, 1.05, subtitle, size=style.SUBTITLE, colour=style.FAINT)
        top = 1.5
        for section, section_height in zip(sections, heights, strict=True):
            _draw_section(figure, section, top)
            top += section_height
        for number, (line, colour) in enumerate(lines):
            _write(figure, _MARGIN, top + 0.15 + 0.3 * number, line, style.SMALL, colour=colour)
        return style.png(figure)


def _places(section: Section) -> list[float]:
    """Returns the middle of each row, in inches below the first row's top."""
    places, place = [], 0.0
    for index, row in enumerate(section.rows):
        if index and row.group != section.rows[index - 1].group:
            place += _GROUP_GAP
        places.append(place + _ROW / 2)
        place += _ROW
    return places


def _section_height(section: Section) -> float:
    heading = 0.5 if section.heading else 0.0
    return heading + 0.75 + _places(section)[-1] + _ROW / 2 + 0.75


def _draw_section(figure: Figure, section: Section, top: float) -> None:
    room = WIDTH - 2 * _MARGIN
    if section.heading:
        size = style.fitted_size(figure, section.heading, style.HEADING, room, style.LABEL)
        text = style.shortened(figure, section.heading, size, room, "bold")
        _write(figure, _MARGIN, top + 0.2, text, size=size, weight="bold")
        top += 0.5
    places = _places(section)
    top += 0.75
    height = places[-1] + _ROW / 2
    labels = [style.shortened(figure, row.label, style.LABEL, 3.2) for row in section.rows]
    left = _MARGIN + 0.25 + max(style.text_width(figure, text, style.LABEL) for text in labels)
    space = WIDTH - _MARGIN - left - 3 * _GAP
    # Latency and throughput carry two texts a row, cold start and memory one.
    widths = [space * share for share in (0.34, 0.29, 0.21, 0.16)]
    axes = []
    for width in widths:
        box = (left, 1 - (top + height) / figure.get_figheight(), width, height)
        axes.append(_axes(figure, box, height))
        left += width + _GAP
    for label, place in zip(labels, places, strict=True):
        x = left - sum(widths) - 4 * _GAP - 0.18
        _write(figure, x, top + place, label, style.LABEL, align="right")
    measured = [
        panels.Line(
            *(place, row.colour, row.measured, row.latency_note, row.throughput_note, row.bound_s)
        )
        for row, place in zip(section.rows, places, strict=True)
        if row.measured is not None
    ]
    alone = "One sample of one stream" if section.unit == "sample" else f"One {section.unit} alone"
    panels.latency(axes[0], measured, widths[0], alone, height, section.marks)
    title = f"{section.unit.capitalize()}s a second"
    panels.throughput(axes[1], measured, widths[1], (title, section.batches), height)
    panels.cold_start(axes[2], measured, widths[2], "Cold start", height)
    panels.memory(axes[3], measured, widths[3], "Peak memory", height)
    start = left - sum(widths) - 4 * _GAP
    for row, place in zip(section.rows, places, strict=True):
        if row.measured is None:
            text = style.shortened(figure, row.message, style.LABEL, WIDTH - _MARGIN - start)
            _write(figure, start, top + place, text, style.LABEL, colour=style.ALARM)


def _axes(figure: Figure, box: tuple[float, float, float, float], height: float) -> Axes:
    """Adds a panel whose vertical unit is the inch, downwards, and that shows nothing yet."""
    left, bottom, width, _ = box
    total = figure.get_figheight()
    axes = figure.add_axes((left / WIDTH, bottom, width / WIDTH, height / total))
    axes.set_ylim(height, 0.0)
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.patch.set_visible(False)
    return axes


def _write(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    weight: str = "normal",
    colour: str = style.INK,
    align: str = "left",
) -> None:
    """Writes a text whose middle is `y` inches below the top."""
    figure.text(
        x / WIDTH,
        1 - y / figure.get_figheight(),
        text,
        fontsize=size,
        fontweight=weight,
        color=colour,
        ha=align,
        va="center_baseline",
    )
