"""One whole run: the chosen models, each measured as a ladder, put together as a results document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tfopt import model_directory, models
from tfopt.profiler import document, kinds, ladder, rung_names, surroundings, words
from tfopt.profiler.environments import HERE, Environment
from tfopt.profiler.plan import Plan
from tfopt.profiler.progress import Reporter
from tfopt.profiler.rates import Gauge


@dataclass(frozen=True)
class Request:
    """What to measure.

    Attributes:
        name: what the results are called.
        models: names or directories of models; none for all installed, if there are no others.
        others: more models that have a directory but no name of their own: (name, directory).
        backends: those to measure; none for all.
        types: what `native` is to compute in; none for float32.
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
    types: tuple[str, ...] = ()


def tasks(request: Request) -> list[tuple[ladder.Task, kinds.Model]]:
    """Returns what each model's ladder needs.

    Raises:
        ValueError: a model does not exist or cannot be profiled, none is installed, two have the
            same name, or one has none of the backends asked for or not a type asked for.
    """
    directories = [models.find(name) for name in request.models]
    if not directories and not request.others:
        directories = [models.find(name) for name in models.names()]
    named = [(path.resolve().name, path.resolve()) for path in directories] + list(request.others)
    if not named:
        raise ValueError("model: none is installed; get them with: tfopt download --all")
    wishes = kinds.Wishes(
        request.word_list, request.seed, request.plan, request.backends, request.types
    )
    result: dict[str, tuple[ladder.Task, kinds.Model]] = {}
    for name, directory in named:
        kind = kind_of(directory)
        if name in result and result[name][0].directory != str(directory):
            raise ValueError(f"model: expected different names, got two called {name!r}")
        try:
            model = kinds.of(kind).model(directory, wishes)
        except rung_names.NoSuchRungError as error:
            raise ValueError(f"{name}: {error}") from error
        task = ladder.Task(name, kind, str(directory), model.rungs, request.threads, model.course)
        result[name] = (task, model)
    return list(result.values())


def measure(
    request: Request, reporter: Reporter, environments: Sequence[Environment] = (HERE,)
) -> list[dict[str, Any]]:
    """Measures all models in all environments, in turns.

    Args:
        request: what to measure.
        reporter: shows the progress.
        environments: where.

    Returns:
        A document for the results file of each environment.

    Raises:
        ValueError: the request cannot be met, or an environment does not exist.
        RuntimeError: an environment cannot be made, or TensorFlow cannot be imported there.
    """
    todo = tasks(request)
    found = surroundings.look(reporter, environments)
    measured: list[dict[str, Any]] = [{} for _ in environments]
    for task, model in todo:
        count = ladder.steps(task, request.plan, len(environments))
        reporter.begin(f"{task.name}: {', '.join(task.rungs)}", count)
        parts = _measured(task, model, request.plan, reporter, environments)
        for by_model, part in zip(measured, parts, strict=True):
            by_model[task.name] = part
    settings = {"threads": request.threads, "seed": request.seed, "quick": request.quick}
    return [
        {
            **document.header(
                document.SCHEMA,
                document.SCHEMA_VERSION,
                "-".join(filter(None, (request.name, environment.label))),
            ),
            "settings": {**settings, **asdict(request.plan)},
            **about,
            "models": by_model,
        }
        for environment, about, by_model in zip(environments, found, measured, strict=True)
    ]


def _measured(
    task: ladder.Task,
    model: kinds.Model,
    plan: Plan,
    reporter: Reporter,
    environments: Sequence[Environment],
) -> list[dict[str, Any]]:
    """Returns one model's part of the results file of each environment."""
    directory = Path(task.directory)
    checker = kinds.of(task.kind).checker(directory)
    weights = model_directory.weights_hash(directory)
    climb = partial(ladder.measure, task, plan, checker, reporter.step, environments)
    rates: dict[int, dict[str, Any]] = {}
    if not model.footprints:
        rungs = climb()
    else:
        # What one core can do is the machine's, and the same for all.
        with Gauge(environments[0]) as gauge:
            rungs = climb(between=partial(_gauge_all, gauge, model.footprints))
        if gauge.reason:
            reporter.warn(f"no bound is stated, since rates cannot be measured: {gauge.reason}")
        rates = {footprint: gauge.rates(footprint) for footprint in model.footprints}
    return [
        document.model(task.kind, model, weights, rungs, rates, environment.label)
        for environment in environments
    ]


def _gauge_all(gauge: Gauge, footprints: Iterable[int]) -> None:
    for footprint in sorted(footprints):
        gauge.measure(footprint)


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
