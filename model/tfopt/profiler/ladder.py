"""Measures the rungs of one model's ladder against one another.

Each rung has a worker process of its own. They are started one after the other, so that each cold
start has the machine to itself, and then stay: rounds go A B C D, B C D A, … so that whatever
drifts (clock, temperature, neighbours) hits all of them alike. A rung that fails or says something
wrong drops out with its reason; the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from tfopt.profiler import process
from tfopt.profiler.check import CheckReport, OutputDiffersError
from tfopt.profiler.kinds import Checker, Course, Items, Pace
from tfopt.profiler.plan import Plan

OK, REFUSED, FAILED = "ok", "refused", "failed"
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Task:
    """One model and the rungs to measure.

    Attributes:
        name: how results call the model.
        kind: the kind of model, as in its config.json.
        directory: the model directory.
        backends: rungs, slowest first.
        threads: threads each worker uses.
        course: what they are timed with.
    """

    name: str
    kind: str
    directory: str
    backends: tuple[str, ...]
    threads: int
    course: Course


@dataclass
class Rung:
    """What was measured on one backend; `rounds` holds the raw timings, in seconds.

    `single_units` and `batch_units` are how many units each item had when it was timed alone or in a batch.
    """

    backend: str
    status: str = OK
    reason: str | None = None
    check: CheckReport = field(default_factory=CheckReport)
    cold_start: dict[str, float] = field(default_factory=dict)
    peak_bytes: int | None = None
    batch_items: int = 0
    single_units: int = 1
    batch_units: int = 1
    rounds: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Ladder:
    """What was measured on one model: its rungs, and the items that were timed one at a time."""

    rungs: list[Rung]
    singles: Items


def steps(task: Task, plan: Plan) -> int:
    """Returns how often `measure` reports progress: 2 to start and warm up, 1 for each round."""
    return len(task.backends) * (2 + plan.rounds)


def measure(
    task: Task,
    plan: Plan,
    checker: Checker,
    progress: Progress = lambda text: None,
    command: Sequence[str] = process.COMMAND,
    between: Callable[[], None] = lambda: None,
) -> Ladder:
    """Runs the ladder.

    Args:
        task: the model and its rungs.
        plan: how much to do.
        checker: holds the model's reference.
        progress: called with a text after each step, `steps(task, plan)` times in all.
        command: the worker program.
        between: called before each round, to measure what else is wanted at the same time.
    """
    checker.prepare(task.course.known())
    with ExitStack() as stack:
        climbers = [_Climber(task, backend, plan, checker) for backend in task.backends]
        for climber in climbers:
            climber.attempt(climber.start, command, stack)
            progress(f"{task.name} {climber.rung.backend}: started")
            climber.attempt(climber.warm_up)
            progress(f"{task.name} {climber.rung.backend}: warmed up")
        slowest = max((c.pace.unit_s for c in climbers if c.alive and c.pace), default=0.0)
        singles = task.course.singles(slowest)
        for number in range(plan.rounds):
            between()
            turn = number % len(climbers)
            for climber in climbers[turn:] + climbers[:turn]:
                climber.attempt(climber.round, singles)
                progress(f"{task.name} {climber.rung.backend}: round {number + 1}")
        for climber in climbers:
            climber.attempt(climber.finish)
    return Ladder([climber.rung for climber in climbers], singles)


class _Climber:
    """A rung being measured: its worker and what calibration found."""

    def __init__(self, task: Task, backend: str, plan: Plan, checker: Checker) -> None:
        self._task = task
        self._plan = plan
        self._checker = checker
        self._worker: process.WorkerProcess | None = None
        self.rung = Rung(backend)
        self.pace: Pace | None = None

    @property
    def alive(self) -> bool:
        """Whether the rung is still being measured."""
        return self.rung.status == OK

    def attempt(self, step: Callable[..., None], *arguments: Any) -> None:
        """Does one step unless the rung has dropped out, and drops it if the step fails."""
        if not self.alive:
            return
        try:
            step(*arguments)
        except process.WorkerError as error:
            self._drop(FAILED, str(error))
        except OutputDiffersError as error:
            self._drop(REFUSED, str(error))
        except (KeyError, TypeError, ValueError) as error:
            self._drop(FAILED, f"the worker's answer lacks something: {error!r}")

    def start(self, command: Sequence[str], stack: ExitStack) -> None:
        """Starts the worker: import, load, first call."""
        self._worker = stack.enter_context(process.WorkerProcess(command))
        items = self._task.course.first()
        answer = self._worker.ask(
            "start",
            kind=self._task.kind,
            model=self._task.directory,
            backend=self.rung.backend,
            threads=self._task.threads,
            items=items,
        )
        self.rung.cold_start = {
            name: float(answer[name]) for name in ("import_s", "load_s", "first_call_s")
        }
        self._checker.check(items, answer["outputs"], self.rung.check)

    def warm_up(self) -> None:
        """Has the outputs checked, and finds out how much the rung can do in a round."""
        course = self._task.course
        self.pace = course.calibrate(self._timing)
        self.rung.batch_items = len(self.pace.batch)
        if self.pace.batch:
            self.rung.batch_units = course.units(self.pace.batch[0])

    def round(self, singles: Items) -> None:
        """Times one round: items alone, and a batch, as far as the course has them."""
        assert self.pace is not None  # noqa: S101
        course, plan = self._task.course, self._plan
        one: dict[str, Any] = {}
        if items := course.fitted(singles, self.pace):
            self.rung.single_units = course.units(items[0])
            seconds = self.pace.unit_s * sum(map(course.units, items))
            alone = self._ask("singles", items, plan.repeats(seconds))
            one["singles"] = {
                "latency_s": [float(value) for value in alone["latency_s"]],
                "wall_s": float(alone["wall_s"]),
                "cpu_s": float(alone["cpu_s"]),
            }
        if self.pace.batch:
            together = self._ask("batches", self.pace.batch, plan.repeats(self.pace.batch_s))
            one["batches"] = [
                {"wall_s": float(batch["wall_s"]), "cpu_s": float(batch["cpu_s"])}
                for batch in together["batches"]
            ]
        self.rung.rounds.append(one)

    def finish(self) -> None:
        """Asks for the peak memory of the whole run and ends the worker."""
        assert self._worker is not None  # noqa: S101
        self.rung.peak_bytes = self._worker.ask("memory")["peak_bytes"]
        self._worker.close()

    def _timing(self, command: str, items: Items) -> float:
        answer = self._ask(command, items, 1)
        if command == "batches":
            return float(answer["batches"][0]["wall_s"])
        return sum(float(value) for value in answer["latency_s"])

    def _ask(self, command: str, items: Items, repeats: int) -> dict[str, Any]:
        assert self._worker is not None  # noqa: S101
        answer = self._worker.ask(command, items=items, repeats=repeats)
        self._checker.check(items, answer["outputs"], self.rung.check)
        return answer

    def _drop(self, status: str, reason: str) -> None:
        """Ends the rung. What it measured so far goes too: half a run is not a figure."""
        self.rung.status, self.rung.reason = status, reason
        self.rung.rounds, self.rung.cold_start = [], {}
        self.rung.peak_bytes = None
        if self._worker is not None:
            self._worker.close()
