"""Environments with a TensorFlow of their own: which Python, what is installed, and that they are kept."""

from __future__ import annotations

import os
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from tfopt.profiler.environments import cache, pythons, requirement, virtual
from tfopt.profiler.environments.pythons import Python
from tfopt.profiler.environments.requirement import Requirement
from tfopt.profiler.environments.virtual import VirtualEnvironment

HERE = sys.version_info.minor


class Quiet:
    """Takes reports and keeps the phases."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.steps: list[str] = []

    def begin(self, text: str, steps: int) -> None:
        self.phases.append(text)

    def step(self, text: str) -> None:
        self.steps.append(text)

    def warn(self, text: str) -> None:
        pytest.fail(text)


@pytest.mark.parametrize(
    ("text", "release", "minors", "numpy"),
    [
        ("tensorflow-cpu==2.14.0", (2, 14), (10, 11), "numpy<2"),
        ("intel-tensorflow-avx512 == 2.15.1", (2, 15), (10, 11), "numpy<2"),
        ("tensorflow==2.16.2", (2, 16), (10, 11, 12), "numpy"),
        ("tensorflow_cpu==2.21.0rc1", (2, 21), (10, 11, 12, 13), "numpy"),
        ("tf-nightly==2.21.0.dev20260101", (2, 21), (10, 11, 12, 13), "numpy"),
        ("tensorflow-cpu==2.21.0+x86.64.v3", (2, 21), (10, 11, 12, 13), "numpy"),
    ],
)
def test_requirements(
    text: str, release: tuple[int, int], minors: tuple[int, ...], numpy: str
) -> None:
    read = requirement.read(text)
    assert (read.release, read.minors, read.numpy) == (release, minors, numpy)
    assert (read.text, read.sha256) == (text.replace(" ", ""), None)


@pytest.mark.parametrize(
    ("name", "minors"),
    [
        ("tensorflow_cpu-2.14.0-cp311-cp311-linux_x86_64.whl", (11,)),
        ("tensorflow_cpu-2.14.0+v3-1-cp310.cp311-abi3-linux_x86_64.whl", (10, 11)),
        ("tensorflow-2.14.0-py3-none-any.whl", (10, 11)),
    ],
)
def test_wheels(tmp_path: Path, name: str, minors: tuple[int, ...]) -> None:
    (tmp_path / name).write_bytes(b"wheel")
    read = requirement.read(str(tmp_path / name))
    assert (read.release, read.minors) == ((2, 14), minors)
    (tmp_path / name).write_bytes(b"another")
    assert requirement.read(str(tmp_path / name)).sha256 != read.sha256


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tensorflow", "expected one release of TensorFlow, such as tensorflow-cpu==2.14.0"),
        ("tensorflow>=2.14", "expected one release"),
        ("tensorflow==2", "expected one release"),
        ("tensorflow==2.14", r"such as tensorflow-cpu==2.14.0 \(X.Y.Z\), or a wheel, got"),
        ("tensorflow==2.16.*", "expected one release"),
        ("tensorflow==2.*", "expected one release"),
        ("tensorflow==2.16.1.*", "expected one release"),
        ("tensorflow==2.21.0+", "expected one release"),
        ("-e .", "expected one release"),
        ("--index-url=x==2.14.0", "expected one release"),
        ("tensorflow==2.14.0; python_version<'3'", "expected one release"),
        ("tensorflow-cpu==2.13.1", "expected TensorFlow 2.14 or later, got 'tensorflow-cpu==2.13"),
        ("tensorflow.whl", "expected a wheel named as NAME-VERSION-PYTHON-ABI-PLATFORM.whl"),
        ("nowhere/tf-2.14.0-cp311-cp311-any.whl", "cannot read the wheel 'nowhere/tf-2.14.0"),
    ],
)
def test_wrong_requirements(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        requirement.read(text)


def wanting(*minors: int) -> Requirement:
    return Requirement(f"needs{minors}", (2, 21), minors)


def test_the_running_python_is_preferred() -> None:
    found = pythons.choose([wanting(HERE, HERE + 1)])
    assert found[0].minor == HERE
    assert Path(found[0].path).is_file()
    assert not Path(found[0].path).is_relative_to(sys.prefix) or sys.prefix == sys.base_prefix


def program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def test_another_python_is_found_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest that suits; one that leads nowhere is passed over."""
    program(tmp_path, f"python3.{HERE + 3}", "exit 127")
    program(tmp_path, f"python3.{HERE + 2}", f"echo {HERE + 2} /somewhere; echo 3.x")
    program(tmp_path, f"python3.{HERE + 1}", f"echo {HERE + 1} /elsewhere; echo 3.x")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    (found,) = pythons.choose([wanting(HERE + 1, HERE + 2, HERE + 3)])
    assert found == Python("/somewhere", HERE + 2, "3.x")


def test_all_get_the_same_python_if_one_suits_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, f"python3.{HERE + 1}", f"echo {HERE + 1} /elsewhere; echo 3.x")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    found = pythons.choose([wanting(HERE, HERE + 1), wanting(HERE + 1)])
    assert [python.minor for python in found] == [HERE + 1, HERE + 1]
    found = pythons.choose([wanting(HERE), wanting(HERE + 1)])
    assert [python.minor for python in found] == [HERE, HERE + 1]


def test_no_python() -> None:
    with pytest.raises(ValueError, match=r"needs.* needs one of Python 3.77, 3.78 with its venv"):
        pythons.choose([wanting(77, 78)])


def test_numpy_is_the_same_where_python_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = Python("/python", 11, "3.11")
    monkeypatch.setattr(pythons, "choose", lambda wanted: [python] * len(wanted))
    old, new = virtual.environments(["a==2.14.0", "new=b==2.21.0"], tmp_path)
    assert (old.numpy, new.numpy) == ("numpy<2", "numpy<2")
    assert (old.label, new.label) == ("a-2.14.0", "new")
    (alone,) = virtual.environments(["b==2.21.0"], tmp_path)
    assert alone.numpy == "numpy"
    assert len({old.folder, new.folder, alone.folder}) == 3
    assert new.about == {"tensorflow": "b==2.21.0"}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the cache that is still to be made."""
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path / "cache"))
    return cache.folder() / "environments" / "abc"


def test_a_folder_is_made_once(kept: Path) -> None:
    made = []

    def make(path: Path) -> None:
        made.append(path)
        (path / "sub").mkdir(parents=True)
        (path / "sub" / "file").write_text("content")

    cache.kept(kept, make)
    (kept / "sub" / "__pycache__").mkdir()
    (kept / "sub" / "__pycache__" / "x.pyc").write_bytes(b"made while it was used")
    cache.kept(kept, make)
    assert made == [kept]
    (kept / "sub" / "file").write_text("cut")
    assert not cache.is_whole(kept)
    cache.kept(kept, make)
    assert made == [kept, kept]
    assert cache.is_whole(kept)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_what_is_half_made_does_not_count(kept: Path, error: type[BaseException]) -> None:
    def interrupted(path: Path) -> None:
        path.mkdir()
        (path / "file").write_text("half")
        raise error

    with pytest.raises(error):
        cache.kept(kept, interrupted)
    assert not kept.exists()
    assert not cache.is_whole(kept)
    # A process that was killed leaves the folder, and no word of its being complete.
    kept.mkdir()
    (kept / "file").write_text("half")
    cache.kept(kept, lambda path: path.mkdir())
    assert list(kept.iterdir()) == []


def test_two_at_once_make_it_once(kept: Path) -> None:
    made, waited = [], threading.Event()
    begun = threading.Event()

    def slow(path: Path) -> None:
        made.append("slow")
        begun.set()
        assert waited.wait(20.0)
        path.mkdir()

    first = threading.Thread(target=cache.kept, args=(kept, slow))
    first.start()
    assert begun.wait(20.0)
    cache.kept(kept, lambda path: made.append("again"), waited.set)
    first.join()
    assert made == ["slow"]


def test_a_cache_that_cannot_be_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.FOLDER_VARIABLE, "/proc/nowhere")
    with pytest.raises(ValueError, match="TFOPT_CACHE: expected a folder that can be written to"):
        cache.kept(cache.folder() / "x", lambda path: None)


def test_the_usual_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(cache.FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("HOME", "/home/somebody")
    assert cache.folder() == Path("/home/somebody/.cache/tfopt")


def write_wheel(path: Path, content: str) -> None:
    """A wheel of a package `tensorflow` with one module."""
    info = "tensorflow_made_up-2.21.0.dist-info"
    files = {
        "tensorflow.py": content,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: tensorflow-made-up\nVersion: 2.21.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)


def test_an_environment_is_made_kept_and_repaired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With pip itself and a made-up wheel, which needs nothing that would have to be fetched."""
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setattr(VirtualEnvironment, "_packages", lambda self: [self.requirement.text])
    wheel = tmp_path / "tensorflow_made_up-2.21.0-py3-none-any.whl"
    write_wheel(wheel, "")
    (made,) = virtual.environments([f"mine={wheel}"], tmp_path)
    reporter = Quiet()
    made.prepare(reporter)
    (phase,) = reporter.phases
    assert phase.startswith("making an environment with")
    assert any("Successfully installed" in step for step in reporter.steps)
    module = next(made.folder.rglob("tensorflow.py"))
    assert made.about["tensorflow"] == wheel.name
    with made.worker() as worker:
        assert worker.ask("protocol") == {"protocol": 1}

    again = Quiet()
    made.prepare(again)
    assert again.phases == []

    module.unlink()
    repaired = Quiet()
    made.prepare(repaired)
    assert len(repaired.phases) == 1
    assert module.is_file()


def test_what_pip_cannot_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last error is shown, and no environment is left."""
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    (made,) = virtual.environments(["nonesuch==2.21.0"], tmp_path)
    with pytest.raises(
        RuntimeError, match=r"with nonesuch==2.21.0 can be made: ERROR: No matching"
    ):
        made.prepare(Quiet())
    assert not made.folder.exists()


class Impatient(Quiet):
    """Is interrupted at the first step."""

    def step(self, text: str) -> None:
        super().step(text)
        raise KeyboardInterrupt


def test_an_interruption_ends_what_makes_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path / "cache"))
    program(tmp_path, "python", "echo $$; exec sleep 600")
    python = Python(str(tmp_path / "python"), HERE, "3.x")
    made = VirtualEnvironment("x", requirement.read("a==2.21.0"), python, "numpy", tmp_path)
    reporter = Impatient()
    with pytest.raises(KeyboardInterrupt):
        made.prepare(reporter)
    pid = int(reporter.steps[0].rpartition(" ")[2])
    assert not Path(f"/proc/{pid}").exists()
    assert not made.folder.exists()
