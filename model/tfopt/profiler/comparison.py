"""Several runs side by side: which entries belong together, their ratios, and what is noise.

Runs that share backends are compared backend by backend. Runs that hold one backend each, and not
the same one, are compared as the steps of one ladder. Ratios are against the first run, and more
than 1 is always better: shorter latency, higher throughput. `tfopt.profiler.statistics` says what
"within noise" means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tfopt
from tfopt.profiler.comparability import Difference, shared_backends
from tfopt.profiler.results import Entry, Profile
from tfopt.profiler.statistics import Figure, within_noise

SCHEMA = "tfopt-compare"
SCHEMA_VERSION = 1
BACKENDS, LADDER = "backends", "ladder"


@dataclass(frozen=True)
class Change:
    """How one figure differs from the first run's.

    Attributes:
        ratio: more than 1 is better.
        noise: whether it differs by less than the noise; None if there were too few rounds.
    """

    ratio: float
    noise: bool | None

    @property
    def verdict(self) -> str:
        """The change in words."""
        if self.noise is None:
            return "too few rounds"
        if self.noise:
            return "within noise"
        return "better" if self.ratio > 1 else "worse"

    @property
    def mark(self) -> str:
        """The same as a sign behind the ratio: ≈ within noise, ? too few rounds."""
        return {None: " ?", True: " ≈", False: ""}[self.noise]


@dataclass(frozen=True)
class Row:
    """One run's entry; the changes are None in the first run's row and where figures lack."""

    run: str
    entry: Entry
    latency: Change | None
    throughput: Change | None


@dataclass(frozen=True)
class Group:
    """Rows that are compared with one another: one backend in all runs, or the whole ladder."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Comparison:
    """The runs compared.

    Attributes:
        labels: names of the runs.
        runs: the runs, the first being what the others are compared with.
        kind: BACKENDS or LADDER.
        models: groups by model.
        differences: in what the runs differ; the user allowed it, or it is what is compared.
        subject: the fields that are compared, if the runs were made to differ in them.
    """

    labels: tuple[str, ...]
    runs: tuple[Profile, ...]
    kind: str
    models: dict[str, list[Group]]
    differences: tuple[Difference, ...]
    subject: tuple[str, ...] = ()

    @property
    def meant(self) -> list[Difference]:
        """The differences that are what is compared."""
        return [one for one in self.differences if one.field in self.subject]

    @property
    def unwanted(self) -> list[Difference]:
        """The differences that say that the rest may not be due to what is compared."""
        return [one for one in self.differences if one.field not in self.subject]

    @property
    def quick(self) -> list[str]:
        """The labels of the runs that were quick ones."""
        pairs = zip(self.labels, self.runs, strict=True)
        return [label for label, run in pairs if run.quick]


def common_models(labels: Sequence[str], runs: Sequence[Profile]) -> list[str]:
    """Returns the models that every run has, in the first run's order.

    Raises:
        ValueError: there is none.
    """
    common = [name for name in runs[0].models if all(name in run.models for run in runs)]
    if not common:
        pairs = zip(labels, runs, strict=True)
        has = "; ".join(f"{label} has {', '.join(run.models)}" for label, run in pairs)
        raise ValueError(f"the files have no model in common: {has}")
    return common


def compare(
    labels: Sequence[str],
    runs: Sequence[Profile],
    differences: Sequence[Difference] = (),
    subject: Sequence[str] = (),
) -> Comparison:
    """Compares runs.

    Args:
        labels: a name for each run.
        runs: two or more that were found comparable, or that the user wants compared all the same.
        differences: in what they differ.
        subject: the fields in which they are meant to.

    Raises:
        ValueError: they have no model or no backends in common.
    """
    models: dict[str, list[Group]] = {}
    kinds = set()
    for name in common_models(labels, runs):
        entries = [run.models[name].entries for run in runs]
        if shared := shared_backends(runs, name):
            kinds.add(BACKENDS)
            models[name] = [
                _group(backend, labels, [_pick(run, name, backend) for run in runs])
                for backend in shared
            ]
        elif all(len(some) == 1 for some in entries):
            kinds.add(LADDER)
            models[name] = [_group("", labels, [some[0] for some in entries])]
        else:
            pairs = zip(labels, entries, strict=True)
            has = "; ".join(
                f"{label} has {', '.join(e.backend for e in some)}" for label, some in pairs
            )
            raise ValueError(
                f"{name}: expected files that share a backend or hold one each, got: {has}"
            )
    kind = LADDER if kinds == {LADDER} else BACKENDS
    return Comparison(tuple(labels), tuple(runs), kind, models, tuple(differences), tuple(subject))


def unique_labels(paths: Sequence[Path]) -> list[str]:
    """Returns a short name for each file: its stem, with folders where stems are the same."""
    for length in range(1, 6):
        names = ["/".join((*path.parts[-length:-1], path.stem)) for path in paths]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Returns the comparison ready for JSON. Times are in seconds."""
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "tfopt": {"version": tfopt.__version__},
        "kind": comparison.kind,
        "runs": [
            {
                "label": label,
                "name": run.name,
                "tfopt": run.tfopt_version,
                **({"tfopt_commit": run.tfopt_commit} if run.tfopt_commit else {}),
                **({"environment": run.environment} if run.environment else {}),
                "threads": run.threads,
            }
            for label, run in zip(comparison.labels, comparison.runs, strict=True)
        ],
        "allowed_differences": [
            {"field": one.field, "values": list(one.values)} for one in comparison.differences
        ],
        "subject": list(comparison.subject),
        "noise": "range of the medians of the rounds; ranges overlap: within noise",
        "models": {
            name: [
                {"group": group.name or None, "rows": [_row_json(row) for row in group.rows]}
                for group in groups
            ]
            for name, groups in comparison.models.items()
        },
    }


def _pick(run: Profile, model: str, backend: str) -> Entry:
    entry = run.models[model].entry(backend)
    assert entry is not None  # noqa: S101
    return entry


def _group(name: str, labels: Sequence[str], entries: Sequence[Entry]) -> Group:
    first = entries[0].measured
    rows = []
    for place, (label, entry) in enumerate(zip(labels, entries, strict=True)):
        latency = throughput = None
        if place and first is not None and entry.measured is not None:
            ours, theirs = entry.measured, first
            ratio = theirs.latency_s.median / ours.latency_s.median
            latency = Change(ratio, within_noise(theirs.latency_s, ours.latency_s))
            ratio = ours.throughput.median / theirs.throughput.median
            throughput = Change(ratio, within_noise(theirs.throughput, ours.throughput))
        rows.append(Row(label, entry, latency, throughput))
    return Group(name, tuple(rows))


def _row_json(row: Row) -> dict[str, Any]:
    entry = row.entry
    result: dict[str, Any] = {
        "run": row.run,
        "backend": entry.backend,
        "status": entry.status,
        "reason": entry.reason,
    }
    if entry.measured is not None:
        m = entry.measured
        result |= {
            "latency_s": _figure_json(m.latency_s, row.latency),
            "latency_p95_s": m.latency_p95_s,
            "throughput": _figure_json(m.throughput, row.throughput),
            "batch_items": m.batch_items,
            "cold_start_s": m.cold_start_s,
            "peak_bytes": m.peak_bytes,
        }
    return result


def _figure_json(figure: Figure, change: Change | None) -> dict[str, Any]:
    return {
        "median": figure.median,
        "low": figure.low,
        "high": figure.high,
        "noise": figure.noise,
        "ratio": change.ratio if change else None,
        "verdict": change.verdict if change else None,
    }
