"""What build.sh finds missing, it says before anything long starts; what it fetches, it fetches once."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tensorflow_build_machine import BUILD, HERE, Machine, write_wheel


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_sources_are_fetched_once_and_whole(machine: Machine) -> None:
    upstream = machine.checkout("7.7.0")
    git = ["git", "-C", str(upstream), "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"], ["tag", "v2.21.0"]):
        subprocess.run([*git, *command], check=True)
    machine.variables |= {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{upstream.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/tensorflow/tensorflow.git",
    }
    fetched = machine.folder / ".cache" / "tfopt" / "tensorflow-2.21.0"
    # What an interrupted fetch left.
    (fetched.parent / f"{fetched.name}.partial").mkdir(parents=True)
    args = ("--isa", "x86-64-v3", "--python", HERE)
    assert len(machine.build(*args)) == 1
    assert (fetched / ".bazelversion").exists()
    assert [path.name for path in fetched.parent.iterdir()] == [fetched.name]
    shutil.rmtree(upstream)
    assert len(machine.build(*args)) == 1


def test_sources_out_of_reach_are_one_clear_line(machine: Machine) -> None:
    machine.variables |= {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "url.file:///missing.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/tensorflow/tensorflow.git",
    }
    machine.build("--isa", "x86-64-v3", status=1)
    assert machine.error.endswith(
        "build: cannot fetch v2.21.0 of https://github.com/tensorflow/tensorflow.git\n"
    )
    assert list((machine.folder / ".cache" / "tfopt").iterdir()) == []


@pytest.mark.parametrize(
    ("tool", "script", "message"),
    [
        ("uname", "echo aarch64", "builds for x86-64 on x86-64, and this is aarch64"),
        (
            "clang",
            "echo 15.0.7",
            "needs Clang 16.0.6, and CLANG is Clang 15.0.7: name another in CLANG",
        ),
        (
            "clang",
            "exit 1",
            "needs Clang 16.0.6, and CLANG is not there: install it (sudo apt-get install clang-16) "
            "or name it in CLANG",
        ),
        ("patchelf", "echo patchelf 0.10", "needs patchelf 0.12 or later, and this is 0.10"),
        (
            "patchelf",
            "exit 1",
            "needs patchelf 0.12 or later: install it (sudo apt-get install patchelf)",
        ),
        ("getconf", "echo 1024", "needs 8 GiB of memory, and here are 0"),
        ("df", "echo; echo / 1 1 10485760 1 /", "needs 40 GiB of disk for CACHE, and 10 are free"),
        (
            "python3",
            'case "$*" in *wheel*) exit 1 ;; esac',
            "needs the package wheel for PYTHON3: install it (sudo apt-get install python3-wheel, "
            "or python3 -m pip install wheel for a Python that is not the system's)",
        ),
    ],
)
def test_what_the_machine_lacks_is_said_before_anything_starts(
    machine: Machine, tool: str, script: str, message: str
) -> None:
    machine.command(tool, script)
    machine.build("--isa", "native", "--release", "2.14", status=1)
    for name, value in {
        "CLANG is": machine.variables["CLANG"] + " is",
        "CACHE,": f"{machine.folder / '.cache'},",
        "PYTHON3": str(machine.folder / "bin" / "python3"),
    }.items():
        message = message.replace(name, value)
    assert machine.error == f"build: {message}\n"
    assert not machine.log.exists()


def test_a_missing_bazelisk_is_said(machine: Machine) -> None:
    (machine.folder / "bin" / "bazelisk").unlink()
    machine.build("--isa", "x86-64-v3", status=1)
    assert machine.error == (
        "build: needs bazelisk, which is not on PATH (README.md says where it comes from)\n"
    )


def test_a_native_build_whose_level_is_unknown_never_starts(machine: Machine) -> None:
    # What picks the level out of the C library's list finds none, as with a glibc before 2.33.
    machine.command("sed", "cat >/dev/null")
    assert machine.build_wheel("native", status=1) == []
    assert machine.error == (
        "build: --isa native needs an x86-64 CPU and glibc 2.33 or later; "
        "name the instruction set instead\n"
    )
    assert not machine.log.exists()


def test_more_memory_than_there_is_is_refused(machine: Machine) -> None:
    machine.build("--isa", "x86-64-v3", "--memory", "17", status=1)
    assert machine.error == "build: --memory 17 is more than the 16 GiB there are\n"


def test_a_checkout_of_another_release_is_refused(machine: Machine) -> None:
    source = machine.checkout("6.5.0")
    machine.build("--isa", "x86-64-v3", "--source", source, status=1)
    assert machine.error == (
        f"build: {source} is no checkout of TensorFlow 2.21.0: its .bazelversion is not 7.7.0\n"
    )


def test_a_folder_that_cannot_be_made_is_refused(machine: Machine) -> None:
    machine.out.write_text("a file")
    machine.build("--isa", "x86-64-v3", status=1)
    assert machine.error == f"build: --out {machine.out} is no folder that can be written\n"


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("16.0.6", "Clang 16.0.6, CLANG"),
        ("16.0.4", "Clang 16.0.4, CLANG (expected: 16.0.6)"),
    ],
)
def test_the_compiler_is_said(machine: Machine, version: str, message: str) -> None:
    machine.command("clang", f"echo {version}")
    machine.wheel = write_wheel(machine.name("2.14.0", "3.11"))
    source = machine.checkout("6.1.0")
    machine.build("--isa", "x86-64-v3", "--release", "2.14", "--source", source)
    message = message.replace("CLANG", machine.variables["CLANG"])
    assert f"==> Compiler: {message}\n" in machine.error
    assert "`clang-16` 1:16.0.6-" in (BUILD / "README.md").read_text()
