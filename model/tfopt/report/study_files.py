"""Reads what `benchmarks/quantization_study.py` writes: what a cache and fewer bits bring a WaveNet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tfopt.profiler.fields import Fields
from tfopt.profiler.quantities import amount_text, seconds_text
from tfopt.profiler.statistics import Figure, median

# Of the columns behind the name and the number of CPUs.
HEADINGS = ("generate", "CPU", "cached", "CPU", "converted in", "on disk", "as float32")


@dataclass(frozen=True)
class Timing:
    """The seconds that one unit took, and how much of a CPU was busy meanwhile: 1 is one kept busy."""

    seconds: Figure
    used: float


@dataclass(frozen=True)
class Row:
    """A program and a type of weights, on so many CPUs.

    Attributes:
        name: Of both.
        cpus: How many it might use.
        generate: A sample without a cache; None if it was not measured.
        cached: A sample with one.
        conversion: Of all weights from float32; None if there is nothing to convert.
        bytes: Of its file.
        as_float32: The part of the cached samples that float32 would draw after the same ones.
    """

    name: str
    cpus: int
    generate: Timing | None
    cached: Timing
    conversion: Timing | None
    bytes: int
    as_float32: float

    def cells(self) -> list[tuple[str, float | None]]:
        """What stands below the `HEADINGS`: a text, and the number in it."""
        converted = None if self.conversion is None else self.conversion.seconds.median
        return [
            *_cells(self.generate),
            *_cells(self.cached),
            ("-", None) if converted is None else (seconds_text(converted), converted),
            (amount_text(self.bytes, "B"), self.bytes),
            (f"{self.as_float32:.1%}", self.as_float32),
        ]


@dataclass(frozen=True)
class Study:
    """A file: the model's name, and the rows, one number of CPUs after the other."""

    model: str
    rows: tuple[Row, ...]


def read(content: Any, where: str) -> Study:
    """Reads a file; ValueError if it is damaged."""
    top = Fields(content, where)
    samples = top.object("samples")
    few, many = samples.count("generate"), samples.count("cached")
    return Study(top.text("model"), tuple(_row(row, few, many) for row in top.objects("rows")))


def _row(row: Fields, few: int, many: int) -> Row:
    part = 0.0 if row.get("as_float32") == 0 else row.positive("as_float32")
    if part > 1:
        raise row.error("as_float32", "at most 1", part)
    there = row.content.keys()
    return Row(
        name=row.text("name"),
        cpus=row.count("cpus"),
        generate=_timing(row.object("generate"), few) if "generate" in there else None,
        cached=_timing(row.object("cached"), many),
        conversion=_timing(row.object("conversion"), 1) if "conversion" in there else None,
        bytes=row.count("bytes"),
        as_float32=part,
    )


def _timing(timings: Fields, count: int) -> Timing:
    wall, cpu = timings.seconds_list("seconds"), timings.items("cpu_seconds")
    if len(cpu) != len(wall):
        raise timings.error("cpu_seconds", f"{len(wall)} times", cpu)
    spent = [
        Fields({"s": one}, timings.where, timings.place).seconds("s", least=0.0) for one in cpu
    ]
    return Timing(
        Figure.of([[seconds / count] for seconds in wall]),
        median([used / seconds for used, seconds in zip(spent, wall, strict=True)]),
    )


def _cells(timing: Timing | None) -> list[tuple[str, float | None]]:
    if timing is None:
        return [("-", None), ("-", None)]
    seconds = timing.seconds.median
    return [(seconds_text(seconds), seconds), (f"{timing.used:.0%}", timing.used)]
