"""Whether runs can be compared: what must be equal in all of them, and what is not.

A difference in any of these fields changes the figures by itself, so a comparison across it says
nothing about the rest unless the user means it and names it. Other versions of tfopt are what one
compares: they are named, and never refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from tfopt.profiler.results import Profile

ALL = "all"
PROGRAM = "tfopt"
_Values = Callable[[Sequence[Profile], Sequence[str]], list[Any]]


@dataclass(frozen=True)
class Difference:
    """A field that is not the same in all runs: its value in each, in the runs' order."""

    field: str
    values: tuple[str, ...]

    def text(self, labels: Sequence[str]) -> str:
        """Returns one line that names the field and each run's value."""
        pairs = zip(labels, self.values, strict=True)
        return f"{self.field}: " + ", ".join(f"{label}: {value}" for label, value in pairs)


def _cpu(run: Profile, models: Sequence[str]) -> Any:
    return [run.machine["cpu"]["model"], run.machine["cpu"]["instruction_sets"]]


def _cpu_limit(run: Profile, models: Sequence[str]) -> Any:
    limit = run.machine["cgroup"]["cpus"]
    cores = run.machine["cores"]["affinity"]
    return f"{cores} cores" + (f" limited to {limit:g}" if limit else "")


def _memory_limit(run: Profile, models: Sequence[str]) -> Any:
    limit = run.machine["cgroup"]["memory_bytes"]
    return f"{limit / 1e9:.3g} GB" if limit else "none"


def _program(run: Profile, models: Sequence[str]) -> Any:
    return " ".join(filter(None, (run.tfopt_version, run.tfopt_commit)))


def _tensorflow(run: Profile, models: Sequence[str]) -> Any:
    return run.software["tensorflow"]["version"]


def _builds(runs: Sequence[Profile], models: Sequence[str]) -> list[Any]:
    """Compares the builds.

    Their instruction sets are known only as far as the CPU has them, so that one build looks like
    two on different CPUs: they count between runs on the same CPU.
    """
    builds = [run.software["tensorflow"] for run in runs]
    names = ["git_version", "compiler", "compile_flags", "distributions"]
    sets: dict[str, Any] = {}
    for run, build in zip(runs, builds, strict=True):
        found = build["instruction_sets"]
        if found != sets.setdefault(json.dumps(_cpu(run, models)), found):
            names.append("instruction_sets")
            break
    return [{name: build[name] for name in names} for build in builds]


def _settings(run: Profile, models: Sequence[str]) -> Any:
    return run.software["tensorflow"]["settings"]


def _items(run: Profile, models: Sequence[str]) -> Any:
    chosen = [run.models[name] for name in models]
    sources = list(dict.fromkeys(model.items_sha256 for model in chosen))
    return [*sources, *(model.singles_sha256 for model in chosen)]


def _weights(run: Profile, models: Sequence[str]) -> Any:
    return [run.models[name].weights_sha256 for name in models]


def _batches(runs: Sequence[Profile], models: Sequence[str]) -> list[Any]:
    """Compares the batches asked for, and those that a slow backend was given instead."""
    values: list[dict[str, Any]] = [
        {f"{model} asked for": run.models[model].batch for model in models} for run in runs
    ]
    for model in models:
        for backend in shared_backends(runs, model):
            sizes = [_batch_items(run, model, backend) for run in runs]
            if len({size for size in sizes if size is not None}) > 1:
                for value, size in zip(values, sizes, strict=True):
                    value[f"{model} {backend}"] = size
    return values


def _batch_items(run: Profile, model: str, backend: str) -> int | None:
    entry = run.models[model].entry(backend)
    return entry.measured.batch_items if entry and entry.measured else None


def _each(value_of: Callable[[Profile, Sequence[str]], Any]) -> _Values:
    return lambda runs, models: [value_of(run, models) for run in runs]


# For each field the runs' values, which must be equal.
_FIELDS: dict[str, _Values] = {
    PROGRAM: _each(_program),
    "cpu": _each(_cpu),
    "cpu-limit": _each(_cpu_limit),
    "memory-limit": _each(_memory_limit),
    "threads": _each(lambda run, models: run.threads),
    "tensorflow": _each(_tensorflow),
    "tensorflow-build": _builds,
    "environment": _each(_settings),
    "python": _each(lambda run, models: run.software["python"]),
    "numpy": _each(lambda run, models: run.software["numpy"]),
    "items": _each(_items),
    "batch": _batches,
    "weights": _each(_weights),
}
# Those that the user can allow.
FIELDS = (*(name for name in _FIELDS if name != PROGRAM), ALL)


def differences(runs: Sequence[Profile], models: Sequence[str]) -> list[Difference]:
    """Returns the fields in which the runs are not equal.

    Args:
        runs: two or more.
        models: the models to be compared; each run has them.
    """
    found = []
    for field, values_of in _FIELDS.items():
        values = values_of(runs, models)
        if any(value != values[0] for value in values[1:]):
            found.append(Difference(field, _texts(values)))
    return found


def shared_backends(runs: Sequence[Profile], model: str) -> list[str]:
    """Returns the backends that every run has of a model, in the first run's order."""
    entries = runs[0].models[model].entries
    return [e.backend for e in entries if all(run.models[model].entry(e.backend) for run in runs)]


def not_allowed(found: Sequence[Difference], allowed: Collection[str]) -> list[Difference]:
    """Returns the differences that the user had to name and did not."""
    if ALL in allowed:
        return []
    return [one for one in found if one.field not in (PROGRAM, *allowed)]


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    """Writes values so that what differs shows: only the parts of a value that do."""
    if all(isinstance(value, dict) for value in values):
        names = sorted({name for value in values for name in value})
        values = [
            {
                name: value.get(name)
                for name in names
                if any(other.get(name) != values[0].get(name) for other in values)
            }
            for value in values
        ]
    elif all(isinstance(value, list) and len(value) == len(values[0]) for value in values):
        places = [i for i in range(len(values[0])) if any(v[i] != values[0][i] for v in values)]
        values = [[value[i] for i in places] for value in values]
    return tuple(_text(value) for value in values)


def _text(value: Any) -> str:
    if isinstance(value, str):
        is_hash = len(value) == 64 and all(c in "0123456789abcdef" for c in value)
        return value[:12] if is_hash else value
    if isinstance(value, list):
        return " ".join(_text(part) for part in value) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{name} {_text(part)}" for name, part in value.items()) or "none"
    return json.dumps(value)
