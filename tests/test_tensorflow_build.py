"""Rebuilding TensorFlow: what build.sh asks Bazel for, and what it does around it.

Bazel, which would take hours and the network, is a stand-in that notes what it was asked for and leaves a
wheel where the release's build leaves it. The rest is real: git, the wheel, pip.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import platform
import re
import shlex
import shutil
import signal
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from tfopt.instruction_sets import FLAGS, LEVELS

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "tensorflow_build"
GOLDEN = ROOT / "tests" / "golden" / "tensorflow_build"
RELEASES = {"2.21": "7.7.0", "2.14": "6.1.0"}
ISAS = ("x86-64-v3", "x86-64-v4", "sapphirerapids", "native")
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
WHEEL_FOLDER = "bazel-bin/tensorflow/tools/pip_package/wheel_house"

# Bazel of both releases: of 2.21 it builds a wheel, of 2.14 a program that copies one. BAZEL is run first.
BAZELISK = f"""
printf '%s\\n' "$USE_BAZEL_VERSION" "$@" >"$LOG"
eval "${{BAZEL:-}}"
case "$2" in
    *:wheel) mkdir -p {WHEEL_FOLDER} && cp "$WHEEL" {WHEEL_FOLDER} ;;
    *:build_pip_package)
        program=bazel-bin/tensorflow/tools/pip_package/build_pip_package
        mkdir -p "${{program%/*}}"
        printf '#!/bin/sh\\ntest "$1" = --cpu && mkdir -p "$2" && cp "$WHEEL" "$2"\\n' >$program
        chmod +x $program ;;
esac
"""
# PACK is run in place of `wheel pack`, which gets the folder to write to in $DEST.
PYTHON = f"""
if [ "$2 $3" = 'wheel pack' ] && [ -n "${{PACK:-}}" ]; then DEST=$5; eval "$PACK"; fi
exec {shlex.quote(sys.executable)} "$@"
"""


def write_wheel(path: Path, content: str = "first") -> Path:
    """Writes a wheel of one module that pip installs; its name says which release it is."""
    name, version, tags = path.stem.split("-", 2)
    info = f"{name}-{version}.dist-info"
    files = {
        "tensorflow_here.py": f"CONTENT = {content!r}\n",
        f"{name}-{version}.data/scripts/saved_model": "#!python\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nVersion: 1\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: here\nRoot-Is-Purelib: false\nTag: {tags}\n",
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},"
        f"{len(text)}\n"
        for name, text in files.items()
    )
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            wheel.writestr(file, text)
    return path


class Machine:
    """A folder with the tools that build.sh looks for, and a checkout of TensorFlow."""

    def __init__(self, folder: Path):
        self.folder = folder
        (folder / "bin").mkdir()
        for name, script in {
            "bazelisk": BAZELISK,
            "python3": PYTHON,
            "clang": "echo 16.0.6",
            "patchelf": "echo patchelf 0.14.3",
            "uname": "echo x86_64",
            "getconf": "case $1 in _PHYS_PAGES) echo 4194304 ;; *) echo 4096 ;; esac",
            "df": "echo; echo / 1 1 104857600 1 /",
        }.items():
            self.command(name, script)
        self.log = folder / "log"
        self.out = folder / "wheels"
        self.error = ""
        self.wheel = write_wheel(self.name("2.21.0"))
        self.variables = {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(folder),
            "LOG": str(self.log),
            "CLANG": str(folder / "bin" / "clang"),
        }

    def command(self, name: str, script: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def name(self, version: str, python: str = HERE) -> Path:
        tag = f"cp{python.replace('.', '')}"
        return self.folder / f"tensorflow_cpu-{version}-{tag}-{tag}-linux_x86_64.whl"

    def checkout(self, bazel: str) -> Path:
        source = self.folder / "source"
        source.mkdir(exist_ok=True)
        (source / ".bazelversion").write_text(f"{bazel}\n")
        return source

    def build(self, *args: str | Path, status: int = 0, **variables: str) -> list[Path]:
        """Runs build.sh and returns what is in the folder for the wheels."""
        done = subprocess.run(
            [BUILD / "build.sh", "--out", self.out, *args],
            cwd=self.folder,
            env={"WHEEL": str(self.wheel), **self.variables, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        self.error = done.stderr
        assert done.returncode == status, done.stdout + done.stderr
        return sorted(self.out.iterdir()) if self.out.is_dir() else []

    def build_wheel(self, isa: str = "x86-64-v3", status: int = 0, **variables: str) -> list[Path]:
        """Runs build.sh for 2.21 and this Python, with a checkout."""
        args = ("--isa", isa, "--python", HERE, "--source", self.checkout(RELEASES["2.21"]))
        return self.build(*args, status=status, **variables)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def dry_run(*args: str) -> str:
    done = subprocess.run(
        [BUILD / "build.sh", *args, "--dry-run"],
        env={"PATH": os.environ["PATH"], "HOME": "/home/user"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("release", RELEASES)
def test_the_command_for_each_release_and_instruction_set(release: str, isa: str) -> None:
    args = shlex.split(
        f"--release {release} --isa {isa} --python 3.11 --source /source --out /wheels"
        " --disk-cache /cache --memory 16 --jobs 8"
    )
    command = re.sub(r"/native-[0-9a-f]{12}\b", "/native-CPU", dry_run(*args))
    assert command == (GOLDEN / f"{release}-{isa}.txt").read_text()


def test_what_is_not_asked_for_is_left_to_bazel() -> None:
    command = dry_run("--isa", "x86-64-v3")
    assert command.startswith("cd /home/user/.cache/tfopt/tensorflow-2.21.0\n")
    assert not re.search(r"--(jobs|disk_cache|local_\w+)=", command)


def test_the_native_cache_is_one_for_each_cpu() -> None:
    cache = ("--disk-cache", "/cache")
    assert "--disk_cache=/cache\n" in dry_run("--isa", "x86-64-v4", *cache)
    assert "--disk_cache=/cache/native-" in dry_run("--isa", "native", *cache)


def test_a_release_goes_by_either_name() -> None:
    assert dry_run("--isa", "native", "--release", "2.14.0") == dry_run(
        "--isa", "native", "--release", "2.14"
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            "--isa avx2",
            "--isa must be one of x86-64-v3, x86-64-v4, sapphirerapids, native, not 'avx2'",
        ),
        ("", "--isa must be one of x86-64-v3, x86-64-v4, sapphirerapids, native, not ''"),
        ("--isa x86-64-v3 --release 2.20", "--release must be one of 2.14, 2.21, not '2.20'"),
        ("--isa x86-64-v3 --release 2.14.1", "--release must be one of 2.14, 2.21, not '2.14.1'"),
        ("--isa x86-64-v3 --release ../x", "--release must be one of 2.14, 2.21, not '../x'"),
        (
            "--isa native --release 2.14 --python 3.12",
            "--python for TensorFlow 2.14.0 must be one of 3.10, 3.11, not '3.12'",
        ),
        (
            "--isa native --python 3.9",
            "--python for TensorFlow 2.21.0 must be one of 3.10, 3.11, 3.12, 3.13, not '3.9'",
        ),
        ("--isa", "--isa needs a value"),
        ("--isa --python 3.11", "--isa needs a value"),
        ("--isa native --memory 8GB", "--memory must be a whole number above 0, not '8GB'"),
        ("--isa native --memory 0", "--memory must be a whole number above 0, not '0'"),
        ("--isa native --jobs -1", "--jobs must be a whole number above 0, not '-1'"),
        ("--isa native --memory 1.5", "--memory must be a whole number above 0, not '1.5'"),
        ("--march native", "no such option: --march (--help lists them)"),
        ("native", "takes options alone, not native (--help lists them)"),
    ],
)
def test_a_wrong_argument_is_one_clear_line(machine: Machine, args: str, message: str) -> None:
    assert machine.build(*shlex.split(args), status=1) == []
    assert machine.error == f"build: {message}\n"
    assert not machine.log.exists()


def test_help_shows_commands_that_work() -> None:
    done = subprocess.run(
        [BUILD / "build.sh", "--help"], capture_output=True, text=True, check=True
    )
    examples = re.findall(r"^ +tensorflow_build/build\.sh (.*)$", done.stdout, re.MULTILINE)
    readme = (BUILD / "README.md").read_text()
    examples += re.findall(r"^tensorflow_build/build\.sh (.*)$", readme, re.MULTILINE)
    assert len(examples) >= 4
    for example in examples:
        assert "bazelisk build" in dry_run(*shlex.split(example, comments=True))


def test_the_image_takes_the_documented_arguments() -> None:
    known = set(re.findall(r"^ARG (\w+)", (BUILD / "Dockerfile").read_text(), re.MULTILINE))
    known |= set(re.findall(r"^ARG (\w+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    named = set(re.findall(r"--build-arg (\w+)=", (BUILD / "README.md").read_text()))
    assert {"ISA", "RELEASE", "TENSORFLOW"} <= named <= known


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
    source = machine.checkout(RELEASES["2.14"])
    args = ("--release", "2.14", "--isa", "x86-64-v4", "--source", source)
    (wheel,) = machine.build(*args)
    assert wheel.name == machine.name("2.14.0+x86.64.v4", "3.11").name
    # Again, for another instruction set: what the first build left is not taken for the second's.
    args = ("--release", "2.14", "--isa", "sapphirerapids", "--source", source)
    assert len(machine.build(*args)) == 2
    assert (machine.out / machine.name("2.14.0+sapphirerapids", "3.11").name).exists()
    assert "--copt=-march=sapphirerapids" in machine.log.read_text().splitlines()


def test_bazel_gets_what_the_dry_run_prints(machine: Machine) -> None:
    args = ("--isa", "x86-64-v3", "--python", HERE, "--source", machine.checkout("7.7.0"))
    printed = shlex.split(dry_run(*map(str, args)).replace("\\\n", " "))
    machine.build(*args)
    version, *command = machine.log.read_text().splitlines()
    assert printed[2] == f"USE_BAZEL_VERSION={version}"
    assert printed[4:] == ["bazelisk", *command]


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


def test_the_sources_are_fetched_once_and_whole(machine: Machine) -> None:
    upstream = machine.checkout(RELEASES["2.21"])
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
            "needs Clang 16, and CLANG is Clang 15.0.7: name another in CLANG",
        ),
        (
            "clang",
            "exit 1",
            "needs Clang 16, and CLANG is not there: install it (sudo apt-get install clang-16) "
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
            "needs the package wheel for PYTHON3: install it (sudo apt-get install python3-wheel)",
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
    ],
)
def test_what_cannot_be_labelled(machine: Machine, wheel: str, label: str, message: str) -> None:
    labelled = write_wheel(machine.name("2.21.0+x86.64.v3"))
    path = {"WHEEL": str(machine.wheel), "LABELLED": str(labelled)}.get(wheel, wheel)
    done = subprocess.run(
        [BUILD / "label_wheel.sh", path, label, machine.folder],
        env=machine.variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"label_wheel: {message.replace('LABELLED', str(labelled))}\n"


def test_a_labelled_wheel_holds_what_the_unlabelled_one_held(machine: Machine) -> None:
    (labelled,) = machine.build_wheel()
    unpacked = {}
    for wheel, version in (machine.wheel, "2.21.0"), (labelled, "2.21.0+x86.64.v3"):
        folder = machine.folder / version
        # Checks the hashes in RECORD, too.
        unpack = [sys.executable, "-m", "wheel", "unpack", "--dest", str(folder), str(wheel)]
        subprocess.run(unpack, check=True, capture_output=True)
        root = folder / f"tensorflow_cpu-{version}"
        unpacked[version] = {
            str(path.relative_to(root)).replace(version, "VERSION"): path.read_text()
            for path in root.rglob("*")
            if path.is_file() and path.name != "RECORD"
        }
    before, after = unpacked.values()
    info = "tensorflow_cpu-VERSION.dist-info/METADATA"
    assert before.pop(info).replace("Version: 2.21.0", "Version: 2.21.0+x86.64.v3") == after.pop(
        info
    )
    assert json.dumps(before, sort_keys=True) == json.dumps(after, sort_keys=True)
