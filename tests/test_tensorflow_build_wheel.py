"""The wheel that build.sh leaves: its label, and what remains when a build fails or is interrupted."""

from __future__ import annotations

import platform
import re
import signal
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from tensorflow_build_machine import BUILD, Machine, write_wheel

from tfopt.instruction_sets import FLAGS, LEVELS


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_pip_installs_the_wheel_as_the_release_with_a_label(machine: Machine) -> None:
    (wheel,) = machine.build_wheel("x86-64-v3")
    assert wheel.name == machine.name("2.21.0+x86.64.v3").name
    site = machine.folder / "site"
    # As the image and the set-up do it: a line of a requirements file.
    (machine.folder / "requirements.txt").write_text(f"wheels/{wheel.name}\n")
    pip = [sys.executable, "-m", "pip", "--isolated", "-q", "install", "--no-deps", "--no-index"]
    install = [*pip, "--no-compile", "--target", str(site), "-r", "requirements.txt"]
    subprocess.run(install, cwd=machine.folder, check=True)
    (installed,) = metadata.distributions(path=[str(site)])
    assert installed.metadata["Name"] == "tensorflow_cpu"
    assert installed.version == "2.21.0+x86.64.v3"
    assert (site / "bin" / "saved_model").exists()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="asks the CPU for its level of x86-64")
def test_a_native_wheel_tells_the_level_of_this_cpu(machine: Machine) -> None:
    (line,) = re.findall(r"\A.*?^flags\s*: (.*?)$", Path("/proc/cpuinfo").read_text(), re.M | re.S)
    has = [
        level
        for level in ("x86-64-v2", "x86-64-v3", "x86-64-v4")
        if {FLAGS[name] for name in LEVELS[level]} <= set(line.split())
    ]
    (wheel,) = machine.build_wheel("native")
    assert wheel.name == machine.name(f"2.21.0+native.{has[-1].replace('-', '.')}").name


def test_the_program_of_2_14_makes_the_wheel(machine: Machine) -> None:
    machine.wheel = write_wheel(machine.name("2.14.0", "3.11"))
    source = machine.checkout("6.1.0")
    args = ("--release", "2.14", "--isa", "x86-64-v4", "--source", source)
    (wheel,) = machine.build(*args)
    assert wheel.name == machine.name("2.14.0+x86.64.v4", "3.11").name
    # Again, for another instruction set: what the first build left is not taken for the second's.
    args = ("--release", "2.14", "--isa", "sapphirerapids", "--source", source)
    assert len(machine.build(*args)) == 2
    assert (machine.out / machine.name("2.14.0+sapphirerapids", "3.11").name).exists()
    assert "--copt=-march=sapphirerapids" in machine.log.read_text().splitlines()


@pytest.mark.parametrize("bazel", ["exit 1", "kill -KILL $$", "exit 0"])
def test_a_build_that_fails_leaves_the_earlier_wheel(machine: Machine, bazel: str) -> None:
    (wheel,) = machine.build_wheel()
    earlier = wheel.read_bytes()
    assert machine.build_wheel(status=1, BAZEL=bazel) == [wheel]
    assert wheel.read_bytes() == earlier
    assert machine.error.splitlines()[-1].startswith(
        "build: expected one wheel in" if bazel == "exit 0" else "build: Bazel failed; nothing in"
    )


@pytest.mark.parametrize("name", ["TERM", "KILL"])
def test_an_interrupted_build_leaves_no_half_wheel(machine: Machine, name: str) -> None:
    (wheel,) = machine.build_wheel()
    earlier = wheel.read_bytes()
    write_wheel(machine.wheel, "second")
    half = f'echo half >"$DEST/{wheel.name}"; kill -{name} $PPID; sleep 1; exit 1'
    left = machine.build_wheel(status=128 + getattr(signal, f"SIG{name}"), PACK=half)
    assert [path for path in left if path.suffix == ".whl"] == [wheel]
    assert wheel.read_bytes() == earlier
    # And the next one does not stumble over what is left.
    machine.build_wheel()
    with zipfile.ZipFile(wheel) as content:
        assert b"second" in content.read("tensorflow_here.py")


@pytest.mark.parametrize(
    ("wheel", "label", "message"),
    [
        ("missing.whl", "x86.64.v3", "no such wheel: missing.whl"),
        ("WHEEL", "x86-64-v3", "LABEL must be of a-z, 0-9 and single dots, not 'x86-64-v3'"),
        ("WHEEL", "", "LABEL must be of a-z, 0-9 and single dots, not ''"),
        (
            "LABELLED",
            "x86.64.v4",
            "LABELLED is not named NAME-VERSION-PYTHON-ABI-PLATFORM.whl without label",
        ),
        ("TEXT", "x86.64.v3", "TEXT is no wheel, or a damaged one: File is not a zip file"),
        ("EMPTY", "x86.64.v3", "EMPTY has no tensorflow_cpu-2.14.0.dist-info/METADATA"),
    ],
)
def test_what_cannot_be_labelled(machine: Machine, wheel: str, label: str, message: str) -> None:
    paths = {
        "WHEEL": machine.wheel,
        "LABELLED": write_wheel(machine.name("2.21.0+x86.64.v3")),
        "TEXT": machine.folder / "text" / "tensorflow_cpu-2.14.0-cp311-cp311-linux_x86_64.whl",
        "EMPTY": machine.folder / "empty" / "tensorflow_cpu-2.14.0-cp311-cp311-linux_x86_64.whl",
    }
    for name in ("TEXT", "EMPTY"):
        paths[name].parent.mkdir()
    paths["TEXT"].write_text("no wheel")
    zipfile.ZipFile(paths["EMPTY"], "w").close()
    path = str(paths.get(wheel, wheel))
    done = subprocess.run(
        [BUILD / "label_wheel.sh", path, label, machine.folder],
        env=machine.variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    message = message.replace(wheel, path, 1)
    assert done.stderr == f"label_wheel: {message}\n"
    assert not list(machine.folder.glob(".label_wheel*"))


def test_a_folder_that_is_not_there(machine: Machine) -> None:
    done = subprocess.run(
        [BUILD / "label_wheel.sh", machine.wheel, "x86.64.v3", machine.folder / "none"],
        env=machine.variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"FOLDER must be one that can be written, not '{machine.folder}/none'" in done.stderr


def contents(wheel: Path, version: str) -> dict[str, tuple[str, int]]:
    """What is in a wheel besides its RECORD: text and permissions, by names without the version."""
    with zipfile.ZipFile(wheel) as archive:
        return {
            file.filename.replace(version, "VERSION"): (
                archive.read(file).decode(),
                file.external_attr >> 16 & 0o777,
            )
            for file in archive.infolist()
            if not file.filename.endswith("/RECORD")
        }


def test_a_labelled_wheel_holds_what_the_unlabelled_one_held(machine: Machine) -> None:
    (labelled,) = machine.build_wheel()
    before = contents(machine.wheel, "2.21.0")
    after = contents(labelled, "2.21.0+x86.64.v3")
    info = "tensorflow_cpu-VERSION.dist-info/METADATA"
    unlabelled, mode = before.pop(info)
    text = unlabelled.replace("Version: 2.21.0", "Version: 2.21.0+x86.64.v3")
    assert (text, mode) == after.pop(info)
    assert before == after
    assert {mode for _, mode in after.values()} == {0o644, 0o755}
    # Unpacking compares each file with its hash in RECORD.
    unpack = ["-m", "wheel", "unpack", "--dest", str(machine.folder / "unpacked"), str(labelled)]
    subprocess.run([sys.executable, *unpack], check=True, capture_output=True)
