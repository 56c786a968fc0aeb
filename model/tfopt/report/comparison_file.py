"""Reads the files that `tfopt compare` writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tfopt.profiler.comparison import SCHEMA_VERSION
from tfopt.profiler.fields import Fields

# No noise is as large as that.
_FAR = 1e6


@dataclass(frozen=True)
class Value:
    """A figure of one run, and what became of it against the first run.

    Attributes:
        median: over all rounds.
        low: the lowest median of a round.
        high: the highest.
        ratio: to the first run's, more than 1 is better; None in the first run.
        verdict: the ratio in words, for example "within noise".
    """

    median: float
    low: float
    high: float
    ratio: float | None
    verdict: str | None

    @property
    def noise(self) -> float:
        """Half the range of the rounds' medians, relative to the median."""
        return (self.high - self.low) / 2 / self.median


@dataclass(frozen=True)
class Row:
    """One backend of one run; `latency`, in seconds, is None where it has no figures, for this `reason`."""

    run: str
    backend: str
    status: str
    reason: str | None
    latency: Value | None
    throughput: Value | None
    cold_start_s: float | None
    peak_bytes: int | None


@dataclass(frozen=True)
class Group:
    """Rows that are compared with the first of them: one backend in all runs, or a ladder."""

    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Comparison:
    """A file of `tfopt compare`.

    Attributes:
        runs: their names, the first being what the others are compared with.
        models: groups by model.
        meant: in what the runs were made to differ, one line each.
        unwanted: in what else they differ.
    """

    runs: tuple[str, ...]
    models: dict[str, tuple[Group, ...]]
    meant: tuple[str, ...]
    unwanted: tuple[str, ...]


def read(content: Any, where: str) -> Comparison:
    """Returns what a file says, checked.

    Raises:
        ValueError: it is of another version, or lacks something; the message names the place.
    """
    top = Fields(content, where)
    if top.get("schema_version") != SCHEMA_VERSION:
        raise top.error("schema_version", str(SCHEMA_VERSION), top.get("schema_version"))
    runs = tuple(run.text("label") for run in top.objects("runs"))
    models = top.object("models")
    subject = top.texts("subject") if "subject" in top.content else []
    differences = [(one.text("field"), one) for one in _objects(top, "allowed_differences")]
    return Comparison(
        runs=runs,
        models={
            name: tuple(
                Group(tuple(_row(row) for row in group.objects("rows")))
                for group in models.objects(name)
            )
            for name in models.content
        },
        meant=tuple(_difference(one, runs) for field, one in differences if field in subject),
        unwanted=tuple(
            _difference(one, runs) for field, one in differences if field not in subject
        ),
    )


def _objects(fields: Fields, name: str) -> list[Fields]:
    return fields.objects(name) if fields.items(name) else []


def _difference(fields: Fields, runs: tuple[str, ...]) -> str:
    values = fields.texts("values")
    if len(values) != len(runs):
        raise fields.error("values", f"{len(runs)} texts", values)
    pairs = zip(runs, values, strict=True)
    return f"{fields.text('field')}: " + ", ".join(f"{run}: {value}" for run, value in pairs)


def _row(fields: Fields) -> Row:
    status = fields.text("status")
    reason = None if fields.get("reason") is None else fields.text("reason")
    has = "latency_s" in fields.content
    peak = fields.content.get("peak_bytes")
    return Row(
        run=fields.text("run"),
        backend=fields.text("backend"),
        status=status,
        reason=reason,
        latency=_value(fields.object("latency_s")) if has else None,
        throughput=_value(fields.object("throughput")) if has else None,
        cold_start_s=fields.seconds("cold_start_s") if has else None,
        peak_bytes=None if peak is None else fields.count("peak_bytes"),
    )


def _value(fields: Fields) -> Value:
    ratio = None if fields.get("ratio") is None else fields.positive("ratio")
    median, low, high = (fields.positive(name) for name in ("median", "low", "high"))
    if not median / _FAR <= low <= high <= median * _FAR:
        raise fields.error("low", f"a range around the median {median}", [low, high])
    return Value(
        median=median,
        low=low,
        high=high,
        ratio=ratio,
        verdict=None if ratio is None else fields.text("verdict"),
    )
