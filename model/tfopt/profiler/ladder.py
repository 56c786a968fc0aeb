"""Measures the rungs of one model's ladder against one another.

A rung is a backend, with its compute type, in an environment; usually there is one environment. Each rung has
a worker process of its own. They are started one after the other, so that each cold start has the machine to
itself, and then stay: rounds go A B C D, B C D A, … so that whatever drifts (clock, temperature, neighbours)
hits all of them alike. The same rung in other environments comes next to it. A rung that fails or says
something wrong drops out with its reason; the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tfopt.profiler import rung_names
from tfopt.profiler.check import CheckReport, OutputDiffersError
from tfopt.profiler.conversation import Conversation, WorkerError
from tfopt.profiler.environments import HERE, Environment
from tfopt.profiler.kinds import Checker, Course, Items, Pace
from tfopt.profiler.plan import Plan

OK, REFUSED, FAILED = "ok", "refused", "failed"
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Task:
    """One model and the backends to measure.

    Attributes:
        name: how results call the model.
        kind: the kind of model, as in its config.json.
        directory: the model directory.
        rungs: backends with their compute types (`tfopt.profiler.rung_names`), slowest first.
        threads: threads each worker uses.
        course: what they are timed with.
    """

    name: str
    kind: str
    directory: str
    rungs: tuple[str, ...]
    threads: int
    course: Course


@dataclass
class Rung:
    """What was measured on one rung; `rounds` holds the raw timings, in seconds.

    `name` is that of the backend and its compute type, `environment` is the label of where it ran.
    `single_units` and `batch_units` are how many units each item had when it was timed alone or in a batch.
    """

    name: str
    status: str = OK
    reason: str | None = None
    check: CheckReport = field(default_factory=CheckReport)
    cold_start: dict[str, float] = field(default_factory=dict)
    peak_bytes: int | None = None
    batch_items: int = 0
    single_units: int = 1
    batch_units: int = 1
    environment: str = ""
    rounds: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Ladder:
    """What was measured on one model: its rungs, and the items that were timed one at a time."""

    rungs: list[Rung]
    singles: Items


def steps(task: Task, plan: Plan, environments: int = 1) -> int:
    """Returns how often `measure` reports progress: 2 to start and warm up, 1 for each round."""
    return len(task.rungs) * environments * (2 + plan.rounds)


def measure(
    task: Task,
    plan: Plan,
    checker: Checker,
    progress: Progress = lambda text: None,
    environments: Sequence[Environment] = (HERE,),
    between: Callable[[], None] = lambda: None,
) -> Ladder:
    """Runs the ladder.

    Args:
        task: the model and its rungs.
        plan: how much to do.
        checker: holds the model's reference.
        progress: called with a text after each step, `steps` times in all.
        environments: where each backend is measured.
        between: called before each round, to measure what else is wanted at the same time.
    """
    checker.prepare(task.course.known())
    with ExitStack() as stack:
        climbers = [
            _Climber(task, rung, environment, plan, checker)
            for rung in task.rungs
            for environment in environments
        ]
        for climber in climbers:
            climber.attempt(climber.start, stack)
            progress(f"{climber.name}: started")
            climber.attempt(climber.warm_up)
            progress(f"{climber.name}: warmed up")
        _agree(task.course, climbers)
        slowest = max((c.pace.unit_s for c in climbers if c.alive and c.pace), default=0.0)
        singles = task.course.singles(slowest)
        for number in range(plan.rounds):
            between()
            turn = number % len(climbers)
            for climber in climbers[turn:] + climbers[:turn]:
                climber.attempt(climber.round, singles)
                progress(f"{climber.name}: round {number + 1}")
        for climber in climbers:
            climber.attempt(climber.finish)
    return Ladder([climber.rung for climber in climbers], singles)


def _agree(course: Course, climbers: Sequence[_Climber]) -> None:
    """Has a rung make the same calls in all environments: those that the slowest one affords."""
    for name in dict.fromkeys(climber.rung.name for climber in climbers):
        same = [c for c in climbers if c.alive and c.rung.name == name]
        if paces := [climber.pace for climber in same if climber.pace]:
            smallest = min(paces, key=lambda pace: sum(map(course.units, pace.batch)))
            common = replace(smallest, unit_s=max(pace.unit_s for pace in paces))
            for climber in same:
                climber.attempt(climber.adopt, common)


class _Climber:
    """A rung being measured: its worker and what calibration found."""

    def __init__(
        self, task: Task, rung: str, environment: Environment, plan: Plan, checker: Checker
    ) -> None:
        self._task = task
        self._course = task.course.adapted(rung)
        self._environment = environment
        self._plan = plan
        self._checker = checker
        self._worker: Conversation | None = None
        report = CheckReport(exact=rung_names.is_exact(rung))
        self.rung = Rung(rung, check=report, environment=environment.label)
        self.pace: Pace | None = None

    @property
    def name(self) -> str:
        """What progress calls the rung."""
        return " ".join(filter(None, (self._task.name, self.rung.name, self._environment.label)))

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
        except WorkerError as error:
            self._drop(FAILED, str(error))
        except OutputDiffersError as error:
            self._drop(REFUSED, str(error))
        except (KeyError, TypeError, ValueError) as error:
            self._drop(FAILED, f"the worker's answer lacks something: {error!r}")

    def start(self, stack: ExitStack) -> None:
        """Starts the worker: import, load, first call."""
        directory = Path(self._task.directory)
        self._worker = stack.enter_context(self._environment.worker(directory))
        items = self._course.first()
        answer = self._worker.ask(
            "start",
            kind=self._task.kind,
            model=self._environment.path(directory),
            threads=self._task.threads,
            items=items,
            **rung_names.as_asked(self.rung.name),
        )
        self.rung.cold_start = {
            name: float(answer[name]) for name in ("import_s", "load_s", "first_call_s")
        }
        self._checker.check(items, answer["outputs"], self.rung.check)

    def warm_up(self) -> None:
        """Has the outputs checked, and finds out how much the rung can do in a round."""
        self.pace = self._course.calibrate(self._timing)

    def adopt(self, pace: Pace) -> None:
        """Makes the calls of this pace from now on, and is warmed up for batches that are not its own."""
        assert self.pace is not None  # noqa: S101
        if pace.batch != self.pace.batch:
            self._ask("batches", pace.rehearsal, 1)
        self.pace = pace
        self.rung.batch_items = len(pace.batch)
        if pace.batch:
            self.rung.batch_units = self._course.units(pace.batch[0])

    def round(self, singles: Items) -> None:
        """Times one round: items alone, and a batch, as far as the course has them."""
        assert self.pace is not None  # noqa: S101
        course, plan = self._course, self._plan
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
        """Judges the mean over all outputs, asks for the peak memory of the whole run and ends the worker."""
        assert self._worker is not None  # noqa: S101
        self.rung.check.expect_near()
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
