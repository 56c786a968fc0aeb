"""One whole run: the chosen models, each measured as a ladder, put together as a results document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from tfopt import g2p, model_directory, models
from tfopt.g2p import reference
from tfopt.profiler import document, ladder, machine, process, tensorflow_build, words, workloads
from tfopt.profiler.check import Checker
from tfopt.profiler.plan import Plan

# The check compares at least this many words, whatever the user's word list.
_ENOUGH_WORDS = 256
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
        models: names or directories of models; none for all installed.
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


def tasks(request: Request) -> list[ladder.Task]:
    """Returns what each model's ladder needs.

    Raises:
        ValueError: a model does not exist or cannot be profiled, none is installed, or two have
            the same name.
    """
    directories = [models.find(name) for name in request.models] or [
        models.folder() / name for name in models.names()
    ]
    if not directories:
        raise ValueError("model: none is installed; get them with: tfopt download --all")
    drawn = tuple(request.word_list.shuffled(request.seed))
    spare = words.builtin().shuffled(request.seed) if len(drawn) < _ENOUGH_WORDS else []
    result: dict[str, ladder.Task] = {}
    for directory in directories:
        kind = _kind(directory)
        name = directory.resolve().name
        if name in result and result[name].directory != str(directory.resolve()):
            raise ValueError(f"model: expected different names, got two called {name!r}")
        result[name] = ladder.Task(
            name=name,
            kind=kind,
            directory=str(directory.resolve()),
            backends=tuple(b for b in g2p.BACKENDS if b in (request.backends or g2p.BACKENDS)),
            threads=request.threads,
            words=drawn,
            check_words=tuple(dict.fromkeys([*drawn, *spare])),
        )
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
    reporter.begin("looking at the machine", 0)
    about_machine = machine.describe()
    about_machine["busy_percent_before"] = busy = machine.busy_percent()
    if busy is not None and busy > _BUSY_PERCENT:
        reporter.warn(f"other programs keep {busy:.0f} % of this machine busy: expect more noise")
    reporter.begin("asking TensorFlow how it was built", 0)
    build = tensorflow_build.describe(about_machine["cpu"]["instruction_sets"])
    measured = {}
    for task in todo:
        reporter.begin(f"{task.name}: {', '.join(task.backends)}", ladder.steps(task, request.plan))
        checker = Checker(reference.load(Path(task.directory)), reference.NEAR_TIE)
        rungs = ladder.measure(task, request.plan, checker, reporter.step, command)
        weights = model_directory.weights_hash(Path(task.directory))
        measured[task.name] = document.model(task.kind, "word", weights, rungs)
    return {
        **document.header(request.name),
        "settings": {
            "threads": request.threads,
            "seed": request.seed,
            "quick": request.quick,
            **asdict(request.plan),
        },
        "words": {
            "name": request.word_list.name,
            "count": len(request.word_list.words),
            "sha256": request.word_list.sha256,
        },
        "machine": about_machine,
        "software": document.software(build),
        "models": measured,
    }


def _kind(directory: Path) -> str:
    """Returns what kind of model a directory holds, among those that can be profiled.

    Raises:
        ValueError: its config cannot be read, or describes none of them.
    """
    kind = model_directory.read_settings(directory).get("kind")
    if kind not in list(workloads.KINDS):  # a list, since the kind may be anything that JSON holds
        expected = " or ".join(map(repr, workloads.KINDS))
        path = directory / model_directory.CONFIG
        raise ValueError(f"{path}: kind: expected {expected}, got {kind!r}")
    return str(kind)
