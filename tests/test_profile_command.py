"""`tfopt profile` and `python profile.py`: bad input, real models, Ctrl-C, and the module's name."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fake_surroundings import MACHINE, SOFTWARE

from tfopt import g2p, models
from tfopt.cli import cli, environment_options
from tfopt.profiler import results, run, surroundings, words
from tfopt.profiler.environments import Local
from tfopt.profiler.kinds.g2p import WordCourse
from tfopt.profiler.plan import QUICK, Plan

ROOT = Path(__file__).parent.parent


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["profile", *map(str, arguments)])


def run_python(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFOPT_RESULTS", str(tmp_path / "results"))


# Not a model is status 1, a mistake in the command line is 2.
NO_MODEL = [
    (["--model", "no-such-model"], "'no-such-model' is not"),
    (["--model", "./nowhere"], "not a model directory"),
]
WRONG_USE = [
    (["--backend", "magic"], "'magic' is not one of 'naive', 'cached', 'graph', 'xla'"),
    (["--words", "0"], "Invalid value for '--words': 0 is not in the range"),
    (["--words", "many"], "'many' is not a valid int"),
    (["--batch", "-1"], "Invalid value for '--batch': -1 is not in the range"),
    (["--threads", "0"], "Invalid value for '--threads': 0 is not in the range"),
    (["--threads", "100000"], "Invalid value for '--threads': expected at most this machine's"),
    (
        ["--rounds", "4"],
        "Invalid value for '--rounds': expected 5 or more without --quick, got 4",
    ),
    (["--rounds", "1", "--quick"], "Invalid value for '--rounds': 1 is not in the range"),
    (["--seed", "-1"], "Invalid value for '--seed'"),
    (["--name", "a/b"], "Invalid value for '--name': expected a plain file name"),
    (["--name", "a.json"], "Invalid value for '--name': expected a plain file name"),
    (
        ["--words-file", "/nowhere/words"],
        "Invalid value for '--words-file': /nowhere/words: cannot",
    ),
    (
        ["--out", "/proc/nowhere"],
        "Invalid value for '--out': expected a folder that can be written",
    ),
    (["--out", __file__], "Invalid value for '--out': expected a folder that can be written"),
    (["surplus"], "unexpected extra argument"),
]


@pytest.mark.usefixtures("no_measuring")
@pytest.mark.parametrize(
    ("arguments", "problem", "status"),
    [(*case, 1) for case in NO_MODEL] + [(*case, 2) for case in WRONG_USE],
)
def test_bad_input(arguments: list[str], problem: str, status: int) -> None:
    result = call(*arguments)
    assert result.exit_code == status
    assert problem in " ".join(result.output.split())
    assert "Traceback" not in result.output


@pytest.mark.usefixtures("no_measuring")
def test_a_folder_in_the_place_of_a_result(tmp_path: Path) -> None:
    (tmp_path / "profile.png").mkdir()
    result = call("--out", tmp_path)
    assert result.exit_code == 2
    assert "which is a folder" in " ".join(result.output.split())


@pytest.mark.usefixtures("no_measuring")
def test_no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(models.FOLDER_VARIABLE, str(tmp_path))
    result = call()
    assert result.exit_code == 1
    assert "none is installed; get them with: tfopt download" in result.output


@pytest.mark.usefixtures("no_measuring")
def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = call()
    assert result.exit_code == 1
    assert "pip install 'tfopt[profile]'" in result.output


def test_help() -> None:
    result = call("--help")
    assert result.exit_code == 0
    assert "Examples:" in result.output
    assert "tfopt profile --sweep layers" in result.output


def test_models_and_backends_keep_the_ladders_order() -> None:
    name = models.names()[0]
    request = run.Request(
        name="x",
        models=(name, name),
        backends=("xla", "naive"),
        threads=1,
        plan=Plan(),
        word_list=words.WordList("few", ("one", "two")),
    )
    ((task, model),) = run.tasks(request)
    assert task.rungs == ("naive", "xla")
    assert model.unit == "word"
    assert isinstance(task.course, WordCourse)
    assert sorted(task.course.words) == ["one", "two"]
    assert len(task.course.check_words) > 200


@pytest.mark.usefixtures("no_measuring")
@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ("[" * 100_000, "config.json: not a JSON file"),
        (
            '{"kind": "opera"}',
            "config.json: kind: expected 'g2p' or 'wavenet' or 'wavernn', got 'opera'",
        ),
    ],
)
def test_a_config_that_is_something_else(tmp_path: Path, config: str, problem: str) -> None:
    (tmp_path / "config.json").write_text(config)
    result = call("--model", tmp_path)
    assert result.exit_code == 1
    assert problem in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_real_models(tmp_path: Path) -> None:
    """The whole way on real weights: `python profile.py`, its two files, and comparing them."""
    assert models.names(), "the set-up installs the weights: make setup"
    out = tmp_path / "out"
    done = run_python(
        *("profile.py", "--quick", "--out", str(out), "--threads", "1"),
        *("--backend", "cached", "--backend", "graph"),
    )
    assert done.returncode == 0, done.stderr
    measured = {*models.names(), "wavernn-small"}
    for name in measured:
        assert name in done.stdout
        assert f"measuring {name}" in done.stderr
    assert {path.name for path in out.iterdir()} == {"profile.json", "profile.png"}
    assert (out / "profile.png").read_bytes().startswith(b"\x89PNG")

    text = (out / "profile.json").read_text()
    profile = results.read(out / "profile.json")
    assert set(profile.models) == measured
    assert profile.threads == 1
    for model in profile.models.values():
        assert [backend for backend, _ in model.measured] == ["cached", "graph"]
        assert all(m.peak_bytes and m.peak_bytes > 50_000_000 for _, m in model.measured)
    content = json.loads(text)
    for name in measured:
        least = 200 if name in models.names() else 6
        for rung in content["models"][name]["backends"].values():
            assert rung["check"]["distinct_items"] >= least
            assert rung["check"]["outputs_compared"] >= 400
    for private in (str(ROOT), str(Path.home()) + "/", str(tmp_path), sys.prefix):
        assert private not in text
    assert platform.node() not in text or len(platform.node()) < 4

    (tmp_path / "again.json").write_text(text)
    compared = CliRunner().invoke(
        cli, ["compare", str(out / "profile.json"), str(tmp_path / "again.json")]
    )
    assert compared.exit_code == 0, compared.output


def test_naive_on_a_real_model(tmp_path: Path) -> None:
    """One model, as it is slow."""
    done = run_python(
        *("profile.py", "--quick", "--out", str(tmp_path), "--threads", "1"),
        *("--model", models.names()[0], "--backend", "naive", "--backend", "native"),
    )
    assert done.returncode == 0, done.stderr
    (model,) = results.read(tmp_path / "profile.json").models.values()
    (slow, naive), (fast, native) = model.measured
    assert (slow, fast) == ("naive", "native")
    assert native.latency_s.median < naive.latency_s.median


@pytest.mark.parametrize(
    ("arguments", "rounds"),
    [
        ([], 5),
        (["--rounds", "9"], 9),
        (["--quick"], QUICK.rounds),
        (["--wavernn", "small"], Plan().rounds),
    ],
)
def test_all_models_get_fewer_rounds(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], rounds: int
) -> None:
    def stop(request: run.Request, *others: object) -> None:
        raise ValueError(f"asked for {request.plan.rounds} rounds of {request.plan.check} checks")

    monkeypatch.setattr(run, "measure", stop)
    checks = (QUICK if "--quick" in arguments else Plan()).check
    assert f"asked for {rounds} rounds of {checks} checks" in call(*arguments).output


def test_a_backend_that_cannot_run_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker's program is replaced by one that dies: rows, both files and the exit status."""
    described = {"tfopt": {"version": "0"}, "machine": MACHINE, "software": SOFTWARE}
    monkeypatch.setattr(surroundings, "look", lambda reporter, environments: [described])
    dying = Local([sys.executable, "-c", "raise SystemExit('out of luck')"])
    monkeypatch.setattr(environment_options, "HERE", dying)
    result = call("--quick", "--model", models.names()[0], "--out", tmp_path, "--name", "bad")
    assert result.exit_code == 1
    assert result.output.count("ended with status 1 during 'start': out of luck") >= 4
    profile = results.read(tmp_path / "bad.json")
    (model,) = profile.models.values()
    assert [entry.status for entry in model.entries] == ["failed"] * len(g2p.BACKENDS)
    assert (tmp_path / "bad.png").exists()


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_stopping_leaves_nothing(tmp_path: Path, ending: signal.Signals) -> None:
    out, scratch = tmp_path / "out", tmp_path / "scratch"
    scratch.mkdir()
    with subprocess.Popen(
        [sys.executable, "profile.py", "--model", models.names()[0], "--out", str(out)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # What starts the tests in the background may have them ignore SIGINT, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as profiler:
        assert profiler.stdout is not None
        line = ""
        while not line.startswith("measuring"):
            line = profiler.stdout.readline()
            assert line
        workers: list[int] = []
        while not workers and profiler.poll() is None:
            workers = children(profiler.pid)
            time.sleep(0.1)
        time.sleep(1.0)  # into the import of TensorFlow
        profiler.send_signal(ending)
        output = profiler.communicate(timeout=60)[0]
    assert profiler.returncode != 0
    assert "Traceback" not in output
    assert workers
    for _ in range(100):
        if not any(alive(worker) for worker in workers):
            break
        time.sleep(0.1)
    assert not [worker for worker in workers if alive(worker)]
    assert not list(out.iterdir())
    assert not list(scratch.iterdir())


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_standard_module_of_the_same_name() -> None:
    done = run_python("-c", "import cProfile; cProfile.run('1')")
    assert done.returncode == 0, done.stderr
    assert "function calls" in done.stdout
    done = run_python("-c", "import profile; profile.run('1'); print(profile.__file__)")
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.splitlines()[-1]).parent != ROOT


def test_without_the_package() -> None:
    done = run_python("-S", "-E", "profile.py")
    assert done.returncode == 1
    assert done.stderr == (
        "tfopt is not installed here: run `make setup`, then `.venv/bin/python profile.py`\n"
    )


def test_pytest_from_the_root() -> None:
    done = run_python("-m", "pytest", "--collect-only", "-q", "tests/test_profile_statistics.py")
    assert done.returncode == 0, done.stdout + done.stderr


def test_spawned_processes_do_not_profile(tmp_path: Path) -> None:
    """A process that multiprocessing spawns loads the main file as `__mp_main__`."""
    program = (
        "import runpy; names = runpy.run_path('profile.py', run_name='__mp_main__'); "
        "assert 'main' not in names"
    )
    done = run_python("-c", program)
    assert done.returncode == 0, done.stderr


def test_the_profilers_own_process_imports_no_tensorflow() -> None:
    program = (
        "import sys; import tfopt.cli.profile, tfopt.cli.compare, tfopt.profiler.plots.ladder; "
        "assert 'tensorflow' not in sys.modules"
    )
    done = run_python("-c", program)
    assert done.returncode == 0, done.stderr
