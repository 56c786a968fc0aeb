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

from tfopt.profiler import process, words
from tfopt.profiler.check import Checker, CheckReport, OutputDiffersError
from tfopt.profiler.plan import FEWEST_WORDS, Plan

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
        words: words to draw from, already in random order.
        check_words: words for the check; more than the above where those are too few.
    """

    name: str
    kind: str
    directory: str
    backends: tuple[str, ...]
    threads: int
    words: tuple[str, ...]
    check_words: tuple[str, ...]


@dataclass
class Rung:
    """What was measured on one backend; `rounds` holds the raw timings, in seconds."""

    backend: str
    status: str = OK
    reason: str | None = None
    check: CheckReport = field(default_factory=CheckReport)
    cold_start: dict[str, float] = field(default_factory=dict)
    peak_bytes: int | None = None
    batch_items: int = 0
    rounds: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Ladder:
    """What was measured on one model: its rungs, and the words that were timed one at a time."""

    rungs: list[Rung]
    single_words: list[str]


def steps(task: Task, plan: Plan) -> int:
    """Returns how often `measure` reports progress: 2 to start and warm up, 1 for each round."""
    return len(task.backends) * (2 + plan.rounds)


def measure(
    task: Task,
    plan: Plan,
    checker: Checker,
    progress: Progress = lambda text: None,
    command: Sequence[str] = process.COMMAND,
) -> Ladder:
    """Runs the ladder.

    Args:
        task: the model and its rungs.
        plan: how much to do.
        checker: holds the model's reference.
        progress: called with a text after each step, `steps(task, plan)` times in all.
        command: the worker program.
    """
    checker.prepare([*task.words[: 2 * plan.batch], *task.check_words[: plan.check]])
    with ExitStack() as stack:
        climbers = [_Climber(task, backend, plan, checker) for backend in task.backends]
        for climber in climbers:
            climber.attempt(climber.start, command, stack)
            progress(f"{task.name} {climber.rung.backend}: started")
            climber.attempt(climber.warm_up)
            progress(f"{task.name} {climber.rung.backend}: warmed up")
        slowest = max((c.word_s for c in climbers if c.alive), default=0.0)
        singles = words.cycled(task.words, plan.fitted_words(slowest))
        for number in range(plan.rounds):
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
        self._batch: list[str] = []
        self._batch_s = 0.0
        self.rung = Rung(backend)
        self.word_s = 0.0

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
        word = self._untimed(self._plan.words, 1)
        answer = self._worker.ask(
            "start",
            kind=self._task.kind,
            model=self._task.directory,
            backend=self.rung.backend,
            threads=self._task.threads,
            items=word,
        )
        self.rung.cold_start = {
            name: float(answer[name]) for name in ("import_s", "load_s", "first_call_s")
        }
        self._checker.check(word, answer["outputs"], self.rung.check)

    def warm_up(self) -> None:
        """Checks the outputs, warms each kind of call up, and times it.

        Batches of the rounds' size and words alone come before the rounds, but not the words that
        are timed: a backend that compiles anew for what it has not seen is to show it. The second
        of two calls tells what one costs.
        """
        plan = self._plan
        check = list(self._task.check_words[: plan.check])
        self._batches(check, 1)
        seconds = self._batches(check, 1)["batches"][0]["wall_s"] / len(check)
        self.rung.batch_items = size = plan.fitted_batch(seconds)
        self._batch = words.cycled(self._task.words, size)
        other = self._untimed(size, size)
        self._batches(other, 1)
        self._batch_s = self._batches(other, 1)["batches"][0]["wall_s"]
        probe = self._untimed(plan.words, FEWEST_WORDS)
        self._singles(probe, 1)
        self.word_s = self._singles(probe, 1)["wall_s"] / len(probe)

    def round(self, singles: list[str]) -> None:
        """Times one round."""
        alone = self._singles(singles, self._plan.repeats(self.word_s * len(singles)))
        together = self._batches(self._batch, self._plan.repeats(self._batch_s))
        self.rung.rounds.append(
            {
                "singles": {
                    "latency_s": [float(value) for value in alone["latency_s"]],
                    "wall_s": float(alone["wall_s"]),
                    "cpu_s": float(alone["cpu_s"]),
                },
                "batches": [
                    {"wall_s": float(batch["wall_s"]), "cpu_s": float(batch["cpu_s"])}
                    for batch in together["batches"]
                ],
            }
        )

    def finish(self) -> None:
        """Asks for the peak memory of the whole run and ends the worker."""
        assert self._worker is not None  # noqa: S101
        self.rung.peak_bytes = self._worker.ask("memory")["peak_bytes"]
        self._worker.close()

    def _untimed(self, timed: int, count: int) -> list[str]:
        """Returns words that are not among the `timed` first, as far as there are any."""
        return words.cycled(self._task.words[timed:] or self._task.words, count)

    def _singles(self, items: list[str], repeats: int) -> dict[str, Any]:
        return self._ask("singles", items, repeats)

    def _batches(self, items: list[str], repeats: int) -> dict[str, Any]:
        return self._ask("batches", items, repeats)

    def _ask(self, command: str, items: list[str], repeats: int) -> dict[str, Any]:
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
