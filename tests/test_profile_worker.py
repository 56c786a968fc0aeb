"""Workers and the ladder that measures them, with a made-up model that misbehaves on demand."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fake_workload import COMPILING_S, LATE

from tfopt.profiler import document, kinds, ladder, words, worker, workloads
from tfopt.profiler.check import Checker, CheckReport, OutputDiffersError
from tfopt.profiler.conversation import WorkerError
from tfopt.profiler.environments import Local
from tfopt.profiler.kinds.g2p import WordCourse
from tfopt.profiler.plan import Plan
from tfopt.profiler.process import WorkerProcess
from tfopt.profiler.statistics import percentile

COMMAND = (sys.executable, str(Path(__file__).with_name("fake_workload.py")))
WORDS = tuple(f"word{letter}e" for letter in "abcdefghijklmnopqrst")
PLAN = Plan(rounds=3, words=4, batch=8, check=10, fill_s=0.01, repeats_cap=2)


class Letters:
    """The reference for the made-up model: a word's output is its letters."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def predict(self, words: Sequence[str]) -> list[list[str]]:
        self.asked += words
        return [list(word) for word in words]

    def difference(self, word: str, given: Sequence[str]) -> float:
        return 1e-6 if "3" in given else 0.5


def course(drawn: tuple[str, ...] = WORDS, plan: Plan = PLAN) -> WordCourse:
    return WordCourse(drawn, drawn, plan, {"from": "made up", "sha256": "hash"})


def measure(
    *backends: str, plan: Plan = PLAN, drawn: tuple[str, ...] = WORDS
) -> dict[str, ladder.Rung]:
    task = ladder.Task(
        name="made-up",
        kind="fake",
        directory="nowhere",
        rungs=backends,
        threads=1,
        course=course(drawn, plan),
    )
    steps: list[str] = []
    checker = Checker(Letters(), near_tie=1e-4)
    measured = ladder.measure(task, plan, checker, steps.append, [Local(COMMAND)])
    assert len(steps) == ladder.steps(task, plan)
    assert measured.singles == words.cycled(drawn, plan.words)
    return {rung.name: rung for rung in measured.rungs}


def assert_gone(pid: int) -> None:
    """Waits until no such process runs (a zombie that its new parent has yet to reap has ended)."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state == "Z":
            return
        time.sleep(0.1)
    pytest.fail(f"process {pid} still runs")


def test_a_whole_ladder() -> None:
    rungs = measure("good", "better")
    assert list(rungs) == ["good", "better"]
    for rung in rungs.values():
        assert (rung.status, rung.reason) == ("ok", None)
        assert set(rung.cold_start) == {"import_s", "load_s", "first_call_s"}
        assert len(rung.rounds) == 3
        for one in rung.rounds:
            assert len(one["singles"]["latency_s"]) % 4 == 0
            assert one["batches"]
        assert rung.batch_items == 8
        assert rung.peak_bytes is not None
        assert rung.check.compared > 3 * (4 + 8)
        model = kinds.Model("word", ("good",), course())
        assert json.dumps(document.model("fake", model, "hash", ladder.Ladder([rung], []), {}))


@pytest.mark.parametrize(
    ("backend", "status", "reason"),
    [
        ("killed", "failed", "killed by SIGKILL (out of memory?) during"),
        ("exits", "failed", "ended with status 3 during"),
        ("raises", "failed", "ValueError: no such thing"),
        ("not-loading", "failed", "ImportError: the framework is missing"),
        ("wrong", "refused", "1 of 1 words differ from the reference: "),
        ("wrong-late", "refused", "differ from the reference: "),
        ("short", "refused", "0 outputs for 1 words"),
    ],
)
def test_a_bad_rung_drops_out_and_the_others_go_on(backend: str, status: str, reason: str) -> None:
    rungs = measure("good", backend, "better")
    bad = rungs[backend]
    assert bad.status == status
    assert bad.reason is not None
    assert reason in bad.reason
    assert "\n" not in bad.reason
    assert (bad.rounds, bad.cold_start, bad.peak_bytes) == ([], {}, None)
    assert [rungs[name].status for name in ("good", "better")] == ["ok", "ok"]
    assert [len(rungs[name].rounds) for name in ("good", "better")] == [3, 3]


def test_the_last_words_of_a_worker_are_kept() -> None:
    assert "the last words" in str(measure("exits")["exits"].reason)


def test_all_rungs_bad() -> None:
    assert {rung.status for rung in measure("wrong", "not-loading").values()} == {
        "refused",
        "failed",
    }


def test_prints_do_not_disturb() -> None:
    assert measure("chatty")["chatty"].status == "ok"


def test_near_ties_pass_and_are_recorded() -> None:
    rung = measure("near-tie")["near-tie"]
    assert rung.status == "ok"
    assert set(rung.check.near_ties) <= set(WORDS)
    assert set(rung.check.near_ties.values()) == {1e-6}


def test_rounds_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, str]] = []
    ask = WorkerProcess.ask

    def spy(self: WorkerProcess, command: str, **arguments: Any) -> dict[str, Any]:
        asked.append((self.pid, command))
        return ask(self, command, **arguments)

    monkeypatch.setattr(WorkerProcess, "ask", spy)
    measure("a", "b", "c")
    pids = list(dict.fromkeys(pid for pid, _ in asked))
    rounds = "".join("abc"[pids.index(pid)] for pid, command in asked if command == "singles")
    assert rounds[-9:] == "abcbcacab"


def singles(rung: ladder.Rung) -> list[float]:
    return [value for one in rung.rounds for value in one["singles"]["latency_s"]]


def test_a_backend_that_compiles_for_each_length_shows_it() -> None:
    growing = tuple("a" * length for length in range(1, 41))
    plan = Plan(rounds=3, words=8, batch=8, check=10, repeats_cap=1)
    rungs = measure("good", "compiles-each-length", plan=plan, drawn=growing)
    slow = singles(rungs["compiles-each-length"])
    assert len(slow) == 24
    assert percentile(slow, 95.0) > COMPILING_S
    assert percentile(slow, 50.0) < COMPILING_S / 2
    assert percentile(singles(rungs["good"]), 50.0) < COMPILING_S / 2


@pytest.mark.parametrize("count", [40, 20, 10, 2])
def test_what_is_timed_is_new_to_the_worker(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    asked: list[tuple[str, list[str]]] = []
    ask = WorkerProcess.ask

    def spy(self: WorkerProcess, command: str, **arguments: Any) -> dict[str, Any]:
        asked.append((command, list(arguments.get("items", []))))
        return ask(self, command, **arguments)

    monkeypatch.setattr(WorkerProcess, "ask", spy)
    drawn = tuple(f"word{'a' * number}" for number in range(count))
    measure("good", plan=PLAN, drawn=drawn)
    alone = [items for command, items in asked if command in ("start", "singles")]
    batches = [items for command, items in asked if command == "batches"]
    timed, batch = alone[-1], batches[-1]
    assert timed == (list(drawn) * 2)[:4]
    before = {word for items in alone[: -PLAN.rounds] for word in items}
    assert before
    warm = [items for items in batches[: -PLAN.rounds] if len(items) == len(batch)]
    assert warm
    if count >= 5:
        assert before.isdisjoint(timed)
    if count >= 16:
        assert all(set(items).isdisjoint(batch) for items in warm)


def test_no_worker_is_left() -> None:
    with WorkerProcess(COMMAND) as process:
        process.ask("start", kind="fake", model="", backend="good", threads=1, items=["word"])
        pid = process.pid
    assert_gone(pid)


def test_an_exception_leaves_no_worker() -> None:
    pids = []

    def interrupted() -> None:
        with WorkerProcess(COMMAND) as process:
            pids.append(process.pid)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert_gone(pids[0])


def test_a_hanging_worker_is_given_up() -> None:
    arguments = {"kind": "fake", "model": "", "backend": "hangs", "threads": 1, "items": ["w"]}
    with WorkerProcess(COMMAND, patience_s=20.0) as process:
        process.ask("start", **arguments)
        process._patience_s = 0.5
        with pytest.raises(WorkerError, match="no answer to 'singles' within 0 s"):
            process.ask("singles", items=["w"] * (LATE + 1), repeats=1)


def test_a_killed_profiler_takes_its_workers_along() -> None:
    """SIGKILL leaves no time to clean up: the kernel has to end the worker, even inside a call."""
    program = f"""
import sys, threading
from tfopt.profiler.process import WorkerProcess
process = WorkerProcess({COMMAND!r})
process.ask("start", kind="fake", model="", backend="hangs", threads=1, items=["w"])
print(process.pid, flush=True)
process.ask("singles", items=["w"] * {LATE + 1}, repeats=1)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert_gone(pid)


def test_a_program_that_does_not_exist() -> None:
    with pytest.raises(WorkerError, match="cannot be started: No such file"):
        WorkerProcess(["/nowhere/at/all"])


@pytest.mark.parametrize(
    ("line", "problem"), [("not json", "unreadable answer"), ("[1]", "unreadable answer")]
)
def test_unreadable_answers(line: str, problem: str) -> None:
    program = f"input(); print({line!r}, flush=True); input()"
    with (
        WorkerProcess([sys.executable, "-c", program]) as process,
        pytest.raises(WorkerError, match=problem),
    ):
        process.ask("memory")


def test_an_answer_that_lacks_something_is_a_failure() -> None:
    program = "while input(): print('{}', flush=True)"
    task = ladder.Task("m", "fake", "", ("graph",), 1, course())
    measured = ladder.measure(
        task, PLAN, Checker(Letters(), 1e-4), environments=[Local([sys.executable, "-c", program])]
    )
    assert measured.rungs[0].status == "failed"
    assert "import_s" in str(measured.rungs[0].reason)


def serve(*requests: dict[str, Any]) -> list[dict[str, Any]]:
    answers = io.StringIO()
    worker.serve(io.StringIO("".join(json.dumps(r) + "\n" for r in requests)), answers)
    return [json.loads(line) for line in answers.getvalue().splitlines()]


def test_the_worker_answers_bad_requests() -> None:
    answers = serve({"command": "dance"}, {"command": "batches", "items": [], "repeats": 1}, {})
    assert [answer["error"].partition(":")[0] for answer in answers] == ["ValueError"] * 3
    assert "expected start first" in answers[1]["error"]


def test_the_worker_reports_every_distinct_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(workloads.KINDS, "fake", "fake_workload")
    start = {"kind": "fake", "model": "", "backend": "wrong-late", "threads": 1, "items": ["ab"]}
    answers = serve(
        {"command": "start", **start},
        {"command": "batches", "items": ["ab"], "repeats": LATE + 8},
        {"command": "singles", "items": ["ab", "c"], "repeats": 2},
        {"command": "memory"},
    )
    assert answers[1]["outputs"] == [[["a", "b"]], [["?"]]]
    assert len(answers[1]["batches"]) == LATE + 8
    assert len(answers[2]["latency_s"]) == 4
    assert answers[3]["peak_bytes"] > 1_000_000


def test_unknown_kind() -> None:
    with pytest.raises(
        ValueError, match="kind: expected one of g2p, wavenet, wavernn, got 'opera'"
    ):
        workloads.loader("opera")


def test_the_reference_is_asked_once_a_word() -> None:
    reference = Letters()
    checker = Checker(reference, 1e-4)
    checker.prepare(["ab", "ab", "c"])
    checker.check(["ab", "c"], [[["a", "b"], ["c"]]], CheckReport())
    assert reference.asked == ["ab", "c"]


@pytest.mark.parametrize("results", [None, [], [None], [[["a"]]], [[None, None]], [[[1], ["c"]]]])
def test_nonsense_is_not_accepted(results: Any) -> None:
    with pytest.raises(OutputDiffersError):
        Checker(Letters(), 1e-4).check(["ab", "c"], results, CheckReport())


def test_own_process_is_measured() -> None:
    peak = worker.peak_bytes()
    assert peak is not None
    assert peak > 1_000_000
