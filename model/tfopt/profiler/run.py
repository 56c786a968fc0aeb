"""One whole run: the chosen models, each measured as a ladder, put together as a results document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from tfopt import model_directory, models
from tfopt.profiler import document, kinds, ladder, machine, process, tensorflow_build, words
from tfopt.profiler.plan import Plan
from tfopt.profiler.rates import Gauge

# Other programs' share of the CPUs beyond which the user is warned.
_BUSY_PERCENT = 10.0


class Reporter(Protocol):
    """Shows how far a run has come."""

    def begin(self, text: str, steps: int) -> None:
        """A phase begins that has this many steps; 0 if it is not known how many."""

    def step(self, text: str) -> None:
        """One step is done."""

    def warn(self, text: str) -> None:
        """Something makes the figures worse."""


@dataclass(frozen=True)
class Request:
    """What to measure.

    Attributes:
        name: what the results are called.
        models: names or directories of models; none for all installed, if there are no others.
        others: more models that have a directory but no name of their own: (name, directory).
        backends: rungs to measure; none for all.
        threads: threads each worker uses.
        plan: how much to do.
        word_list: where words come from.
        seed: the order in which they are drawn.
        quick: whether the plan is the short one, for the record.
    """

    name: str
    models: tuple[str, ...]
    backends: tuple[str, ...]
    threads: int
    plan: Plan
    word_list: words.WordList
    seed: int = 0
    quick: bool = False
    others: tuple[tuple[str, Path], ...] = ()


def tasks(request: Request) -> list[tuple[ladder.Task, kinds.Model]]:
    """Returns what each model's ladder needs.

    Raises:
        ValueError: a model does not exist or cannot be profiled, none is installed, two have the
            same name, or one has none of the backends asked for.
    """
    directories = [models.find(name) for name in request.models]
    if not directories and not request.others:
        directories = [models.folder() / name for name in models.names()]
    named = [(path.resolve().name, path.resolve()) for path in directories] + list(request.others)
    if not named:
        raise ValueError("model: none is installed; get them with: tfopt download --all")
    wishes = kinds.Wishes(request.word_list, request.seed, request.plan)
    result: dict[str, tuple[ladder.Task, kinds.Model]] = {}
    for name, directory in named:
        kind = kind_of(directory)
        if name in result and result[name][0].directory != str(directory):
            raise ValueError(f"model: expected different names, got two called {name!r}")
        model = kinds.of(kind).model(directory, wishes)
        backends = tuple(b for b in model.backends if b in (request.backends or model.backends))
        if not backends:
            has, got = ", ".join(model.backends), ", ".join(request.backends)
            raise ValueError(f"backend: expected one that {name} has ({has}), got {got}")
        task = ladder.Task(name, kind, str(directory), backends, request.threads, model.course)
        result[name] = (task, model)
    return list(result.values())


def measure(
    request: Request, reporter: Reporter, command: Sequence[str] = process.COMMAND
) -> dict[str, Any]:
    """Measures, and returns the document for the results file.

    Args:
        request: what to measure.
        reporter: shows the progress.
        command: the worker program.

    Raises:
        ValueError: the request cannot be met.
        RuntimeError: TensorFlow cannot be imported.
    """
    todo = tasks(request)
    about = surroundings(reporter)
    measured = {}
    for task, model in todo:
        reporter.begin(f"{task.name}: {', '.join(task.backends)}", ladder.steps(task, request.plan))
        measured[task.name] = _measured(task, model, request.plan, reporter, command)
    return {
        **document.header(document.SCHEMA, document.SCHEMA_VERSION, request.name),
        "settings": {
            "threads": request.threads,
            "seed": request.seed,
            "quick": request.quick,
            **asdict(request.plan),
        },
        **about,
        "models": measured,
    }


def _measured(
    task: ladder.Task, model: kinds.Model, plan: Plan, reporter: Reporter, command: Sequence[str]
) -> dict[str, Any]:
    """Returns one model's part of the results file."""
    directory = Path(task.directory)
    checker = kinds.of(task.kind).checker(directory)
    weights = model_directory.weights_hash(directory)
    if model.footprint is None:
        rungs = ladder.measure(task, plan, checker, reporter.step, command)
        return document.model(task.kind, model, weights, rungs)
    with Gauge(command) as gauge:
        between = partial(gauge.measure, model.footprint)
        rungs = ladder.measure(task, plan, checker, reporter.step, command, between)
    if gauge.reason:
        reporter.warn(f"no bound is stated, since rates cannot be measured: {gauge.reason}")
    part = document.model(task.kind, model, weights, rungs)
    part["cost"] |= gauge.rates(model.footprint)
    return part


def surroundings(reporter: Reporter) -> dict[str, Any]:
    """Returns what a results file says about the machine and the software.

    Raises:
        RuntimeError: TensorFlow cannot be imported.
    """
    reporter.begin("looking at the machine", 0)
    about = machine.describe()
    about["busy_percent_before"] = busy = machine.busy_percent()
    if busy is not None and busy > _BUSY_PERCENT:
        reporter.warn(f"other programs keep {busy:.0f} % of this machine busy: expect more noise")
    reporter.begin("asking TensorFlow how it was built", 0)
    build = tensorflow_build.describe(about["cpu"]["instruction_sets"])
    return {"machine": about, "software": document.software(build)}


def kind_of(directory: Path) -> str:
    """Returns what kind of model a directory holds, among those that can be profiled.

    Raises:
        ValueError: its config cannot be read, or describes none of them.
    """
    kind = model_directory.read_settings(directory).get("kind")
    if kind not in list(kinds.KINDS):  # a list, since the kind may be anything that JSON holds
        expected = " or ".join(map(repr, kinds.KINDS))
        path = directory / model_directory.CONFIG
        raise ValueError(f"{path}: kind: expected {expected}, got {kind!r}")
    return str(kind)
