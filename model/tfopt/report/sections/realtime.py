"""Which sizes of WaveNet one core runs in real time."""

from __future__ import annotations

from tfopt.profiler.modes import heading, realtime, subtitle
from tfopt.profiler.modes.realtime import Size
from tfopt.profiler.quantities import rate_text, real_time_text
from tfopt.report.folder import Contents, File
from tfopt.report.markup import Markup, element, joined, paragraph
from tfopt.report.question_files import Realtime
from tfopt.report.tables import EMPTY, Cell, Column, table

_COMFORTABLE = 2.0


def section(contents: Contents) -> Markup:
    """Returns a table for each file."""
    return joined(_realtime(file, found) for file, found in contents.of(Realtime))


def _realtime(file: File, found: Realtime) -> Markup:
    made = found.made
    columns = [
        Column("size", numbers=False),
        *map(Column, ("predicted, samples/s", "measured", "error")),
        *(Column(f"{rate / 1000:g} kHz") for rate in realtime.SAMPLE_RATES),
    ]
    failed = [paragraph(text, class_="warning") for text in realtime.without(made)]
    return element(
        "section",
        element(
            "h3",
            heading(made, made["backend"], found.finding),
            element("span", file.name, class_="file"),
        ),
        paragraph(subtitle(made), class_="faint"),
        paragraph(
            "By sample rate: seconds of audio that one stream yields in a second, as measured, or as "
            "predicted where nothing was measured. Green: twice as fast as needed, or more; yellow: fast "
            "enough; red: not."
        ),
        *failed,
        table("Seconds of audio a second", columns, list(map(_cells, realtime.sizes(made)))),
    )


def _cells(size: Size) -> list[Cell]:
    measured, error = size.measured, size.error
    seconds = measured.median if measured else size.predicted_s
    return [
        Cell(size.name),
        Cell(rate_text(1 / size.predicted_s), 1 / size.predicted_s),
        Cell(rate_text(1 / measured.median), 1 / measured.median) if measured else EMPTY,
        EMPTY if error is None else Cell(f"{error:+.0%}", error),
        *(_factor(1 / (seconds * rate)) for rate in realtime.SAMPLE_RATES),
    ]


def _factor(factor: float) -> Cell:
    look = "fast" if factor >= _COMFORTABLE else "close" if factor >= 1 else "slow"
    return Cell(real_time_text(factor), factor, look)
