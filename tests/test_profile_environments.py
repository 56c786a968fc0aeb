"""`tfopt profile` in several environments: their names, their turns, what is written, and what goes wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from test_profile_samples import CONFIG

from tfopt.cli import cli
from tfopt.profiler import ladder, machine, results
from tfopt.profiler.check import Checker
from tfopt.profiler.conversation import Conversation
from tfopt.profiler.environments import Environment, Local, labels, virtual
from tfopt.profiler.kinds.g2p import WordCourse
from tfopt.profiler.plan import Plan

PROGRAM = (sys.executable, str(Path(__file__).with_name("fake_workload.py")))


def environment(label: str, *differences: str) -> Local:
    return Local((*PROGRAM, *differences), label, {"made": label})


@pytest.fixture(autouse=True)
def no_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a second."""
    monkeypatch.setattr(machine, "busy_percent", lambda: 0.0)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config.json of a tiny WaveNet."""
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps({"kind": "wavenet", **CONFIG.to_dict()}))
    return path


def call(folder: Path, *arguments: str | Path) -> Result:
    always = ("--quick", "--threads", "1", "--samples", "16", "--out", str(folder), "--name", "x")
    return CliRunner().invoke(cli, ["profile", *map(str, arguments), *always])


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Environment]:
    """What stands in for the environments that the command line names; nothing is installed."""
    found: list[Environment] = []
    monkeypatch.setattr(virtual, "environments", lambda texts, scratch: found)
    return found


def test_each_environment_gets_its_file_and_all_of_them_a_comparison(
    tmp_path: Path, config: Path, made: list[Environment]
) -> None:
    made += [environment("stock", "tensorflow=2.14.0"), environment("rebuilt")]
    result = call(tmp_path / "out", "--tensorflow", "a==2.14.0", "b==2.21.0", "--config", config)
    folder = tmp_path / "out"
    assert {path.name for path in folder.iterdir()} == {
        "x.json",
        "x.png",
        "x-stock.json",
        "x-rebuilt.json",
    }
    stock, rebuilt = (results.read(folder / f"x-{label}.json") for label in ("stock", "rebuilt"))
    assert stock.software["tensorflow"]["version"] == "2.14.0"
    assert rebuilt.software["tensorflow"]["version"] == "2.21.0"
    assert (stock.name, rebuilt.name) == ("x-stock", "x-rebuilt")
    assert [backend for backend, _ in stock.models["tiny"].measured] == [
        *("naive", "cached", "graph", "fused", "native")
    ]
    content = json.loads((folder / "x-stock.json").read_text())
    assert content["environment"] == {"made": "stock"}
    other = json.loads((folder / "x-rebuilt.json").read_text())
    # The machine is one, and so are the calls.
    cost = content["models"]["tiny"]["cost"]
    assert cost == other["models"]["tiny"]["cost"]
    assert len(cost["bytes_per_s"]) == 2
    for key in ("items", "weights_sha256"):
        assert content["models"]["tiny"][key] == other["models"]["tiny"][key]
    for backend, one in content["models"]["tiny"]["backends"].items():
        two = other["models"]["tiny"]["backends"][backend]
        for key in ("single_units", "batch_units", "batch_items"):
            assert one[key] == two[key]

    compared = json.loads((folder / "x.json").read_text())
    assert compared["schema"] == "tfopt-compare"
    assert [run["label"] for run in compared["runs"]] == ["stock", "rebuilt"]
    assert [one["field"] for one in compared["allowed_differences"]] == ["tensorflow"]
    assert compared["subject"] == ["tensorflow", "tensorflow-build"]
    (group,) = [one for one in compared["models"]["tiny"] if one["group"] == "native"]
    assert group["rows"][1]["latency_s"]["ratio"] > 0
    assert group["rows"][1]["throughput"]["ratio"] > 0
    assert "Compared: tensorflow: stock: 2.14.0, rebuilt: 2.21.0." in result.output
    assert "Not the same in all runs" not in result.output
    # The made-up xla goes wrong everywhere, and says so.
    assert result.exit_code == 1
    assert "stock tiny xla refused: " in result.output
    assert "rebuilt tiny xla refused: " in result.output


def test_one_environment_is_an_ordinary_run(
    tmp_path: Path, config: Path, made: list[Environment]
) -> None:
    made += [environment("stock", "tensorflow=2.14.0")]
    given = ("--tensorflow", "a==2.14.0", "--config", config, "--backend", "native")
    result = call(tmp_path / "out", *given)
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"x.json", "x.png"}
    assert list(results.read(tmp_path / "out" / "x.json").models) == ["tiny"]


def test_a_backend_that_one_environment_lacks_drops_out_there(
    tmp_path: Path, config: Path, made: list[Environment]
) -> None:
    made += [environment("one"), environment("two", "lacks=fused")]
    given = ("--backend", "fused", "native", "--config", config)
    result = call(tmp_path / "out", "--tensorflow", "a==2.14.0", "b==2.14.0", *given)
    assert result.exit_code == 1
    assert "two tiny fused failed: ValueError: backend: expected another" in " ".join(
        result.output.split()
    )
    models = {
        label: results.read(tmp_path / "out" / f"x-{label}.json").models["tiny"]
        for label in ("one", "two")
    }
    assert [backend for backend, _ in models["one"].measured] == ["fused", "native"]
    assert [backend for backend, _ in models["two"].measured] == ["native"]
    compared = json.loads((tmp_path / "out" / "x.json").read_text())
    fused, native = compared["models"]["tiny"]
    assert [row["status"] for row in fused["rows"]] == ["ok", "failed"]
    assert native["rows"][1]["latency_s"]["ratio"] > 0


@pytest.mark.parametrize(
    ("differences", "problem"),
    [
        (["protocol=99"], "two: the protocol of its tfopt's worker: expected 1, got 99"),
        (["protocol=older"], "two: the protocol of its tfopt's worker: expected 1, got an older"),
        (["nonsense=1"], "two: ended with status 1 during 'protocol': TypeError"),
    ],
)
def test_an_environment_with_another_worker(
    tmp_path: Path,
    config: Path,
    made: list[Environment],
    differences: list[str],
    problem: str,
) -> None:
    made += [environment("one"), environment("two", *differences)]
    result = call(tmp_path / "out", "--tensorflow", "a==2.14.0", "b==2.14.0", "--config", config)
    assert result.exit_code == 1
    assert problem in " ".join(result.output.split())
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--tensorflow", "a==2.14.0", "--modules"], "without --tensorflow and --image"),
        (["--image", "a", "--sweep", "batch"], "without --tensorflow and --image"),
        (["--image", "a", "--tensorflow", "b==2.14.0"], "--tensorflow or --image, got both"),
        (["--image", "a", ""], "'--image': expected the name of an image, got ''"),
        (["--tensorflow", "--quick"], "--tensorflow: expected a value, got --quick"),
        (["--model", "g2p", "--image", "--cpus", "2"], "--image: expected a value, got --cpus"),
        (["--image", "--cpus=2"], "--image: expected a value, got --cpus=2"),
        (["--image", "-h"], "--image: expected a value, got -h"),
        (["--cpus", "2"], "--cpus and --memory: expected --image with them"),
        (["--memory", "2G"], "--cpus and --memory: expected --image with them"),
        (["--tensorflow", "tensorflow"], "expected one release of TensorFlow, such as"),
        (["--tensorflow", "a=x==2.14.0", "a=y==2.14.0"], "different labels, got 'a' twice"),
        (["--tensorflow", "tensorflow==2.14.0", "--rounds", "3", "4"], "unexpected extra argument"),
    ],
)
@pytest.mark.usefixtures("no_measuring")
def test_wrong_use(tmp_path: Path, arguments: list[str], problem: str) -> None:
    result = call(tmp_path / "out", *arguments)
    assert result.exit_code == 2, result.output
    assert problem in " ".join(result.output.split())
    assert "Traceback" not in result.output


class Letters:
    """The reference for the made-up model: a word's output is its letters."""

    def predict(self, words: Sequence[str]) -> list[list[str]]:
        return [list(word) for word in words]

    def difference(self, word: str, given: Sequence[str]) -> float:
        return 0.5


WORDS = tuple(f"word{letter}e" for letter in "abcdefghijklmnopqrst")
PLAN = Plan(rounds=4, words=4, batch=8, check=10, fill_s=0.01, repeats_cap=1)


def climb(environments: Sequence[Environment], plan: Plan = PLAN) -> ladder.Ladder:
    course = WordCourse(WORDS, WORDS, plan, {})
    task = ladder.Task("made-up", "fake", "nowhere", ("good", "better"), 1, course)
    steps: list[str] = []
    measured = ladder.measure(task, plan, Checker(Letters(), 1e-4), steps.append, environments)
    assert len(steps) == ladder.steps(task, plan, len(environments))
    return measured


def test_backends_and_environments_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Conversation, str]] = []
    ask = Conversation.ask

    def spy(self: Conversation, command: str, **arguments: Any) -> dict[str, Any]:
        asked.append((self, command))
        return ask(self, command, **arguments)

    monkeypatch.setattr(Conversation, "ask", spy)
    measured = climb([environment("one"), environment("two")])
    pairs = [(rung.name, rung.environment) for rung in measured.rungs]
    assert pairs == [("good", "one"), ("good", "two"), ("better", "one"), ("better", "two")]
    workers = list(dict.fromkeys(worker for worker, _ in asked))
    turns = "".join(
        "abcd"[workers.index(worker)] for worker, command in asked if command == "singles"
    )
    assert turns[-16:] == "abcdbcdacdabdabc"


def test_all_environments_get_the_batches_of_the_slowest() -> None:
    """A batch that one environment cannot afford would not be compared with a smaller one."""
    plan = Plan(rounds=2, words=4, batch=128, batch_cap_s=0.05, check=10, repeats_cap=1)
    measured = climb([environment("one"), environment("two", "delay=0.001")], plan)
    sizes = {(rung.name, rung.environment): rung.batch_items for rung in measured.rungs}
    assert set(sizes.values()) == {64}
    assert {rung.status for rung in measured.rungs} == {"ok"}


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["tensorflow-cpu==2.14.0"], [("tensorflow-cpu-2.14.0", "tensorflow-cpu==2.14.0")]),
        (["stock=a==2.14", "a==2.14"], [("stock", "a==2.14"), ("a-2.14", "a==2.14")]),
        (["a==2.14", "a==2.14"], [("a-2.14", "a==2.14"), ("a-2.14-2", "a==2.14")]),
        (["a==2.21.*"], [("a-2.21", "a==2.21.*")]),
        (
            ["../x/tensorflow_cpu-2.21.0+x86.64.v3-cp311-cp311-linux_x86_64.whl"],
            [
                (
                    "tensorflow_cpu-2.21.0+x86.64.v3",
                    "../x/tensorflow_cpu-2.21.0+x86.64.v3-cp311-cp311-linux_x86_64.whl",
                )
            ],
        ),
        (["tfopt", "tfopt"], [("tfopt", "tfopt"), ("tfopt-2", "tfopt")]),
        (["tfopt-2=x", "tfopt", "tfopt"], [("tfopt-2", "x"), ("tfopt", "tfopt"), ("tfopt-3", "tfopt")]),
        (["host:5000/me/tfopt:1"], [("tfopt-1", "host:5000/me/tfopt:1")]),
        (["::"], [("environment", "::")]),
    ],
)  # fmt: skip
def test_labels(texts: list[str], found: list[tuple[str, str]]) -> None:
    assert labels.read(texts) == found


def test_labels_that_are_given_twice() -> None:
    with pytest.raises(ValueError, match="expected different labels, got 'a' twice"):
        labels.read(["a=x==1.0", "a=y==1.0"])
