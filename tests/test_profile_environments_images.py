"""Workers in containers, through the Docker SDK and an engine whose containers are processes."""

from __future__ import annotations

import json
import os
import random
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fake_engine import CPUS, Engine
from test_profile_samples import CONFIG

from tfopt.cli import cli
from tfopt.profiler import machine, results
from tfopt.profiler.conversation import AnsweredError, WorkerError
from tfopt.profiler.environments import container_worker, containers, frames, sdk
from tfopt.profiler.environments.frames import STDERR, STDOUT, Frames

PROGRAM = (sys.executable, str(Path(__file__).with_name("fake_workload.py")))
START = {"kind": "fake", "model": "", "threads": 1, "items": ["word"]}


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine with some images, in which the model goes where it may be written."""
    images: dict[str, Sequence[str]] = {
        "old": (*PROGRAM, "tensorflow=2.14.0", "tfopt=0.1"),
        "new": PROGRAM,
        "empty": ("/nowhere/python",),
        "without-tfopt": (sys.executable, "-S", "-E", "-m", "tfopt.profiler.worker"),
        "other-protocol": (*PROGRAM, "protocol=99"),
        "breaking": (sys.executable, "-c", "input(); print('no frame', flush=True); input()"),
    }
    place = str(tmp_path / "model")
    monkeypatch.setattr(container_worker, "MODEL", place)
    monkeypatch.setattr(containers, "MODEL", place)
    monkeypatch.setattr(machine, "busy_percent", lambda: 0.0)
    with Engine(tmp_path / "engine.sock", images) as running:
        monkeypatch.setenv("DOCKER_HOST", running.url)
        yield running
        assert not running.containers


def frame(stream: int, content: bytes) -> bytes:
    return struct.pack(">BxxxL", stream, len(content)) + content


def test_frames_cut_anywhere() -> None:
    said = [
        (STDOUT, '{"a": 1}\n'),
        (STDERR, "a warning\n"),
        (STDOUT, "é" * 50 + "\n"),
        (STDOUT, "\n"),
        (STDERR, "the end"),
    ]
    chance = random.Random(4)  # noqa: S311
    for _ in range(50):
        sent = b""
        for stream, line in said:
            rest = line.encode()
            while rest:  # lines go on in the next frame
                size = chance.randint(1, 40)
                sent, rest = sent + frame(stream, rest[:size]), rest[size:]
        received = Frames()
        heard = []
        while sent:
            size = chance.randint(1, 20)
            heard += list(received.feed(sent[:size]))
            sent = sent[size:]
        assert heard + list(received.rest()) == said


def test_many_lines_in_one_frame() -> None:
    received = Frames()
    assert list(received.feed(frame(STDOUT, b"a\nb\nc") + frame(STDOUT, b"d\n"))) == [
        (STDOUT, "a\n"),
        (STDOUT, "b\n"),
        (STDOUT, "cd\n"),
    ]
    assert list(received.feed(frame(STDOUT, b""))) == []


def test_what_is_no_frame() -> None:
    with pytest.raises(ValueError, match="expected a frame of stream 1 or 2, got 72"):
        list(frames.Frames().feed(b"HTTP/1.1 200 OK"))


def test_a_worker_in_a_container(engine: Engine) -> None:
    with containers.environments(["new"], 1.5, "2G") as (environment,):
        with environment.worker() as worker:
            answer = worker.ask("start", **START, backend="chatty")
            assert answer["outputs"] == [[["w", "o", "r", "d"]]]
            items = [f"word{number}" for number in range(5000)]  # more than a frame holds
            answer = worker.ask("batches", items=items, repeats=1)
            assert answer["outputs"] == [[list(item) for item in items]]
            with pytest.raises(AnsweredError, match="expected protocol, describe"):
                worker.ask("dance")
        assert not engine.containers
    (asked,) = [container.asked for container in engine.seen]
    host = asked["HostConfig"]
    assert host["NanoCpus"] == 1_500_000_000
    assert host["CpusetCpus"] == "0-1"
    assert host["Memory"] == host["MemorySwap"] == 2 << 30
    assert host["NetworkMode"] == "none"
    assert host["AutoRemove"]
    assert asked["StdinOnce"]
    assert asked["Entrypoint"] == ["python", "-m", "tfopt.profiler.worker"]


@pytest.mark.parametrize(
    ("backend", "problem"),
    [
        ("killed", r"killed by SIGKILL \(out of memory\?\) during 'singles'"),
        ("exits", "ended with status 3 during 'singles': the last words"),
    ],
)
def test_a_worker_that_dies(engine: Engine, backend: str, problem: str) -> None:
    with (
        containers.environments(["new"], 1, "2G") as (environment,),
        environment.worker() as worker,
    ):
        worker.ask("start", **START, backend=backend)
        with pytest.raises(WorkerError, match=problem):
            worker.ask("singles", items=["word"] * 30, repeats=1)
        with pytest.raises(WorkerError, match=problem.partition(" during")[0]):
            worker.ask("memory")


def test_an_interruption_leaves_no_container(engine: Engine) -> None:
    left = []

    def interrupted() -> None:
        with containers.environments(["new"], 1, "2G") as (environment,):
            left.extend([environment.worker(), environment.worker()])
            left[1].ask("protocol")
            assert len(engine.containers) == 2
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not engine.containers
    for worker in left:
        worker.close()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config.json of a tiny WaveNet."""
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps({"kind": "wavenet", **CONFIG.to_dict()}))
    return path


def call(folder: Path, *arguments: str | Path) -> Result:
    always = ("--quick", "--samples", "16", "--out", str(folder), "--name", "x")
    return CliRunner().invoke(cli, ["profile", *map(str, arguments), *always])


def test_command(engine: Engine, tmp_path: Path, config: Path) -> None:
    """Two images, and one of them twice; the model is copied into each container."""
    folder = tmp_path / "out"
    given = ("--image", "old", "new", "--image", "again=new", "--config", config)
    result = call(folder, *given, "--backend", "graph", "native", "--cpus", "2.5")
    assert result.exit_code == 0, result.output
    assert {path.name for path in folder.iterdir()} == {
        *("x.json", "x.png", "x-old.json", "x-new.json", "x-again.json")
    }
    old, new = (results.read(folder / f"x-{label}.json") for label in ("old", "new"))
    assert old.software["tensorflow"]["version"] == "2.14.0"
    assert new.software["tensorflow"]["version"] == "2.21.0"
    assert old.threads == new.threads == 2
    assert json.loads((folder / "x-again.json").read_text())["environment"] == {
        "image": "new",
        "image_id": "new",
        "cpus": 2.5,
        "memory_bytes": 4 << 30,
    }
    compared = json.loads((folder / "x.json").read_text())
    assert "Compared: tfopt: old: 0.1, new: 0, again: 0." in result.output
    assert "Not the same in all runs" not in result.output
    assert [one["environment"]["image_id"] for one in compared["runs"]] == ["old", "new", "new"]
    limits = [
        {name: container.asked["HostConfig"][name] for name in ("NanoCpus", "CpusetCpus", "Memory")}
        for container in engine.seen
    ]
    assert all(one == limits[0] for one in limits)
    loaded = [container for container in engine.seen if container.files]
    assert len(loaded) == 3 * 2
    names = {Path(name).name for container in loaded for name in container.files}
    assert names == {"config.json", "model.safetensors"}


@pytest.mark.parametrize(
    ("arguments", "problem", "status"),
    [
        (["--image", "nosuch"], "the engine has no 'nosuch'; build it, or docker pull nosuch", 1),
        (["--image", "new", "empty"], "empty: the container cannot be started: exec: \"python\"", 1),
        (["--image", "without-tfopt"], "No module named 'tfopt'", 1),
        (["--image", "new", "other-protocol"], "tfopt's worker: expected 1, got 99", 1),
        (["--image", "breaking"], "breaking: unreadable answer to 'protocol': 'no frame'", 1),
        (["--image", "new", "--cpus", str(CPUS + 1)], "at most the engine's 4, got 5", 2),
        (["--image", "new", "--memory", "lots"], "such as 4G or 512M, 6M at least, got 'lots'", 2),
        (["--image", "new", "--memory", "0"], "such as 4G or 512M, 6M at least, got '0'", 2),
        (["--image", "new", "--memory", "1"], "such as 4G or 512M, 6M at least, got '1'", 2),
        (["--image", "new", "--threads", "2"], "'--threads': expected at most --cpus 1, got 2", 2),
        (["--image", "new", "--cpus", "2.5", "--threads", "3"], "at most --cpus 2, got 3", 2),
        (["--image", "a=new", "a=old"], "expected different labels, got 'a' twice", 2),
    ],
)  # fmt: skip
def test_what_goes_wrong(
    engine: Engine,
    tmp_path: Path,
    config: Path,
    arguments: list[str],
    problem: str,
    status: int,
) -> None:
    result = call(tmp_path / "out", *arguments, "--config", config)
    assert result.exit_code == status, result.output
    assert problem in " ".join(result.output.split())
    assert "Traceback" not in result.output
    assert not list((tmp_path / "out").iterdir())


def test_threads_are_the_containers(
    engine: Engine, tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine may have more CPUs than this machine."""
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    given = ("--image", "new", "--cpus", "3", "--threads", "3")
    result = call(tmp_path, *given, "--config", config, "--backend", "native")
    assert result.exit_code == 0, result.output
    assert results.read(tmp_path / "x.json").threads == 3


def test_no_engine(tmp_path: Path, config: Path) -> None:
    """In a process of its own, since the SDK leaves the socket open with which it found nobody."""
    command = [sys.executable, "-m", "tfopt", "profile", "--image", "new", "--config", str(config)]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "out")],
        env={**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/nowhere.sock"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Error: no container engine answers: install Docker or Podman" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_sdk(tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of this name does not count, as a checkout has one."""
    for module in (sdk, containers, container_worker):
        monkeypatch.delitem(sys.modules, module.__name__)
    monkeypatch.delattr("tfopt.profiler.environments.containers")
    monkeypatch.setitem(sys.modules, "docker.errors", None)
    result = call(tmp_path / "out", "--image", "new", "--config", config)
    assert result.exit_code == 1
    assert "--image needs the Docker SDK: pip install 'tfopt[containers]'" in result.output
