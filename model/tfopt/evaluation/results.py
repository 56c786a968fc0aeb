"""What was measured, as tables and pictures show it, and as results files keep it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tfopt.evaluation.metrics import SORTS, Metric, Sort
from tfopt.profiler.fields import Fields
from tfopt.profiler.statistics import Figure

SCHEMA = "tfopt-evaluation"
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Row:
    """A model in a compute type.

    Attributes:
        model: Its name.
        compute_type: What it was asked to compute in.
        computed_in: What that meant: another type if it was `auto`.
        density: The part of the weights that are not zero, of the matrices that a step multiplies.
        file_bytes: Of the packed file.
        memory_bytes: Of the packed weights.
        sample_rate: Of its audio, in Hz; None of words.
        qualities: By the metric's name; without those that could not be measured.
        speeds: By the metric's name, each value of every round.
    """

    model: str
    compute_type: str
    computed_in: str
    density: float
    file_bytes: int
    memory_bytes: int
    sample_rate: int | None
    qualities: Mapping[str, float]
    speeds: Mapping[str, tuple[float, ...]]

    @property
    def type_text(self) -> str:
        """The compute type, with what `auto` chose."""
        if self.compute_type == self.computed_in:
            return self.compute_type
        return f"{self.compute_type} ({self.computed_in})"

    def speed(self, metric: Metric) -> Figure:
        """The median of a speed, with its rounds."""
        return Figure.of([[value] for value in self.speeds[metric.name]])


@dataclass(frozen=True)
class Evaluation:
    """Rows of one sort of models.

    Attributes:
        sort: One of `metrics.SORTS`.
        data: What it was measured on, in a few words.
        rows: Model by model.
    """

    sort: str
    data: str
    rows: tuple[Row, ...]

    @property
    def metrics(self) -> Sort:
        """What is measured of such models."""
        return SORTS[self.sort]

    @property
    def qualities(self) -> list[Metric]:
        """Those that were measured of any row."""
        return [
            metric
            for metric in self.metrics.qualities
            if any(metric.name in row.qualities for row in self.rows)
        ]

    @property
    def models(self) -> list[str]:
        """Their names, in order."""
        return list(dict.fromkeys(row.model for row in self.rows))

    def loss(self, row: Row) -> float | None:
        """How much worse, by the first metric, than its model in float32; None if that is not there."""
        name = self.metrics.qualities[0].name
        same = (one for one in self.rows if one.model == row.model)
        exact = next((one for one in same if one.compute_type == "float32"), None)
        return None if exact is None else row.qualities[name] - exact.qualities[name]


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """What a results file says of rows and data; `parse` reads it."""
    return {
        "sort": evaluation.sort,
        "data": evaluation.data,
        "rows": [
            {
                "model": row.model,
                "compute_type": row.compute_type,
                "computed_in": row.computed_in,
                "density": row.density,
                "file_bytes": row.file_bytes,
                "memory_bytes": row.memory_bytes,
                "sample_rate": row.sample_rate,
                "qualities": dict(row.qualities),
                "speeds": {name: list(values) for name, values in row.speeds.items()},
            }
            for row in evaluation.rows
        ],
    }


def parse(content: Any, where: str) -> Evaluation:
    """Reads a results file.

    Args:
        content: The decoded JSON.
        where: The file's name, for errors.

    Raises:
        ValueError: It is of another version, or lacks something; the message names the place.
    """
    top = Fields(content, where)
    if top.get("schema_version") != SCHEMA_VERSION:
        raise top.error("schema_version", str(SCHEMA_VERSION), top.get("schema_version"))
    sort = top.text("sort")
    if sort not in SORTS:
        raise top.error("sort", f"one of {', '.join(SORTS)}", sort)
    rows = tuple(_row(row, SORTS[sort]) for row in top.objects("rows"))
    return Evaluation(sort, top.text("data"), rows)


def _row(row: Fields, sort: Sort) -> Row:
    rate = None if row.get("sample_rate") is None else row.count("sample_rate")
    density = 0.0 if row.get("density") == 0 else row.positive("density")
    if density > 1:
        raise row.error("density", "at most 1", density)
    qualities, speeds = row.object("qualities"), row.object("speeds")
    _expect_known(qualities, sort.qualities, [sort.qualities[0]])
    _expect_known(speeds, sort.speeds, sort.speeds)
    return Row(
        model=row.text("model"),
        compute_type=row.text("compute_type"),
        computed_in=row.text("computed_in"),
        density=density,
        file_bytes=row.count("file_bytes"),
        memory_bytes=row.count("memory_bytes"),
        sample_rate=rate,
        qualities={name: qualities.number(name) for name in qualities.content},
        speeds={name: tuple(speeds.positives(name)) for name in speeds.content},
    )


def _expect_known(fields: Fields, known: Iterable[Metric], needed: Sequence[Metric]) -> None:
    names = [metric.name for metric in known]
    if unknown := [name for name in fields.content if name not in names]:
        raise fields.error(unknown[0], "nothing of that name", fields.content[unknown[0]])
    for metric in needed:
        fields.get(metric.name)
