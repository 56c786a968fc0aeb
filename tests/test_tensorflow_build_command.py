"""What build.sh asks Bazel for, and the arguments that it refuses."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from tensorflow_build_machine import BUILD, HERE, ROOT, Machine, dry_run

GOLDEN = ROOT / "tests" / "golden" / "tensorflow_build"
ISAS = ("x86-64-v3", "x86-64-v4", "sapphirerapids", "native")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("release", ["2.21", "2.14"])
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
    assert not re.search(r"--(jobs|disk_cache|host_jvm_args|local_\w+)=", command)


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
        ("", "--isa is needed: one of x86-64-v3 x86-64-v4 sapphirerapids native"),
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
        assert " build //tensorflow" in dry_run(*shlex.split(example, comments=True))


def test_help_says_what_memory_limits() -> None:
    """Bazel's server alone, by as much as the command says."""
    done = subprocess.run(
        [BUILD / "build.sh", "--help"], capture_output=True, text=True, check=True
    )
    (limit,) = re.findall(
        r"--host_jvm_args=-Xmx(\d+)g", dry_run("--isa", "native", "--memory", "9")
    )
    for text in (done.stdout, (BUILD / "README.md").read_text()):
        assert re.search(rf"no limit.*server.*to\s+{limit} GiB", text, re.IGNORECASE | re.DOTALL)


def test_the_image_takes_the_documented_arguments() -> None:
    known = set(re.findall(r"^ARG (\w+)", (BUILD / "Dockerfile").read_text(), re.MULTILINE))
    known |= set(re.findall(r"^ARG (\w+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    named = set(re.findall(r"--build-arg (\w+)=", (BUILD / "README.md").read_text()))
    assert {"ISA", "RELEASE", "TENSORFLOW"} <= named <= known


def test_bazel_gets_what_the_dry_run_prints(machine: Machine) -> None:
    source = str(machine.checkout("7.7.0"))
    args = ["--isa", "x86-64-v3", "--python", HERE, "--source", source, "--memory", "8"]
    printed = shlex.split(dry_run(*args).replace("\\\n", " "))
    machine.build(*args)
    version, *command = machine.log.read_text().splitlines()
    assert printed[2] == f"USE_BAZEL_VERSION={version}"
    assert printed[4:] == ["bazelisk", *command]
