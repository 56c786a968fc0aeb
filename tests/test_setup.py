"""Set-up: its choice of Python, what a second or interrupted run does; the image's entrypoint.

The set-up script runs here with a stand-in for Python that only writes down what it was told to do.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FULL_INSTALL = "-m pip install tensorflow-cpu==2.21.* -e .[dev]"
# Every time: they see for themselves what is left to do.
AT_LAST = ["build_ops .venv/bin/python", "tfopt download --all"]

# Logs its arguments, makes a "venv" of itself, and answers probes. PIP is run by `pip install`;
# `installed` lists the TensorFlows that are there.
STAND_IN = """#!/bin/sh
args=$(echo "$@" | sed 's/--disable-pip-version-check --no-input //; s/-qq //')
case "$args" in
    '- '*) echo "$0"; exit ;;
    -) cat installed; exit ;;
esac
echo "$args" >>log
case "$args" in
    '-m venv'*)
        rm -rf .venv && mkdir -p .venv/bin && cp "$0" .venv/bin/python
        echo "#!$PWD/.venv/bin/python" >.venv/bin/pip
        printf '#!/bin/sh\\necho tfopt "$@" >>log\\n' >.venv/bin/tfopt
        chmod +x .venv/bin/* ;;
    '-m pip install'*) eval "${PIP:-}" ;;
esac
"""


class Project:
    """A checkout with the set-up script and a Python that stands in."""

    def __init__(self, folder: Path):
        self.folder = folder
        (folder / "tools").mkdir()
        for script in "setup.sh", "apt.sh", "tensorflow_requirements.sh":
            shutil.copy(ROOT / "tools" / script, folder / "tools")
        self.command("tools/build_ops.sh", 'echo build_ops "$@" >>log')
        (folder / "pyproject.toml").write_text("first")
        (folder / "installed").touch()
        (folder / "bin").mkdir()
        self.command("bin/python3", STAND_IN)

    def command(self, name: str, script: str) -> None:
        """Makes a command in the checkout's folder."""
        path = self.folder / name
        path.write_text(script if script.startswith("#!") else f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def set_up(self, *args: str, status: int = 0, **variables: str) -> list[str]:
        """Runs the script and returns the commands that it ran."""
        log = self.folder / "log"
        log.write_text("")
        env = {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", **variables}
        done = subprocess.run(
            ["tools/setup.sh", *args],
            cwd=self.folder,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        self.error = done.stderr
        assert done.returncode == status, done.stdout + done.stderr
        return log.read_text().splitlines()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_fresh_set_up_makes_everything_and_a_second_one_nothing(project: Project) -> None:
    assert project.set_up() == [
        "-m venv --clear .venv",
        FULL_INSTALL,
        "-m pip check",
        "-c import tensorflow",
        *AT_LAST,
    ]
    assert project.set_up() == AT_LAST
    assert project.set_up("tools") == []


def test_the_tools_come_without_tensorflow(project: Project) -> None:
    assert "-m pip install -e .[dev]" in project.set_up("tools")
    assert project.set_up("tools") == []
    assert FULL_INSTALL in project.set_up()


def test_changed_requirements_are_installed_into_the_same_venv(project: Project) -> None:
    project.set_up()
    (project.folder / "pyproject.toml").write_text("second")
    assert project.set_up()[0] == FULL_INSTALL


def test_changed_tools_leave_tensorflow_alone(project: Project) -> None:
    project.set_up()
    (project.folder / "pyproject.toml").write_text("second")
    assert project.set_up("tools") == ["-m pip install -e .[dev]", "-m pip check"]
    assert project.set_up() == AT_LAST


def test_an_interrupted_install_is_made_anew(project: Project) -> None:
    project.set_up(PIP="kill -9 $PPID", status=-9)
    assert project.set_up()[:2] == ["-m venv --clear .venv", FULL_INSTALL]


def test_a_failed_install_says_so_and_is_tried_again_in_the_same_venv(project: Project) -> None:
    project.set_up(PIP="exit 1", status=1)
    assert project.error == "setup: pip could not install tensorflow-cpu==2.21.* -e .[dev]\n"
    assert project.set_up()[0] == FULL_INSTALL


def test_another_tensorflow_replaces_the_one_installed(project: Project) -> None:
    project.set_up()
    (project.folder / "installed").write_text("tensorflow-cpu")
    commands = project.set_up(TENSORFLOW="intel-tensorflow-avx512==2.14.0")
    assert re.fullmatch(
        r"-m pip download --no-deps --dest \S+ intel-tensorflow-avx512==2.14.0", commands[0]
    )
    assert commands[1:3] == [
        "-m pip uninstall --yes tensorflow-cpu",
        "-m pip install intel-tensorflow-avx512==2.14.0 numpy<2 -e .[dev]",
    ]


def test_a_tensorflow_whose_replacement_failed_is_installed_again(project: Project) -> None:
    project.set_up()
    (project.folder / "installed").write_text("tensorflow-cpu")
    project.set_up(TENSORFLOW="tensorflow-cpu==2.20.0", PIP="exit 1", status=1)
    assert FULL_INSTALL in project.set_up()


def test_a_rebuilt_wheel_of_the_same_name_is_installed_again(project: Project) -> None:
    wheel = project.folder / "tensorflow_cpu-2.21.0-cp311-cp311-linux_x86_64.whl"
    wheel.write_text("first")
    project.set_up(TENSORFLOW=wheel.name)
    assert project.set_up(TENSORFLOW=wheel.name) == AT_LAST
    wheel.write_text("second")
    assert f"-m pip install {wheel.name} -e .[dev]" in project.set_up(TENSORFLOW=wheel.name)


def test_ops_that_do_not_build_stop_the_set_up(project: Project) -> None:
    project.command("tools/build_ops.sh", "echo 'build_ops: the ops do not compile' >&2; exit 1")
    assert "tfopt download --all" not in project.set_up(status=1)
    assert project.error == "build_ops: the ops do not compile\n"
    project.command("tools/build_ops.sh", "echo built >>log")
    assert project.set_up() == ["built", "tfopt download --all"]


def test_a_missing_compiler_is_one_clear_line_before_the_long_downloads(project: Project) -> None:
    assert project.set_up(status=1, CXX="missing-c++") == ["-m venv --clear .venv"]
    assert project.error == (
        "setup: needs a C++ compiler, and missing-c++ is not there: install one "
        "(sudo apt-get install g++)\n"
    )
    assert "-m pip install -e .[dev]" in project.set_up("tools", CXX="missing-c++")


def test_a_moved_checkout_gets_a_new_venv(project: Project, tmp_path: Path) -> None:
    project.set_up()
    pip = project.folder / ".venv" / "bin" / "pip"
    pip.write_text("#!/elsewhere/.venv/bin/python")
    assert project.set_up()[0] == "-m venv --clear .venv"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"TENSORFLOW": "missing.whl"}, "no such wheel: missing.whl"),
        (
            {"PYTHON": "/missing"},
            "PYTHON=/missing is not one of Python 3.10, 3.11, 3.12, 3.13 with its venv module",
        ),
    ],
)
def test_a_wrong_choice_is_one_clear_line(
    project: Project, variables: dict[str, str], message: str
) -> None:
    project.set_up(status=1, **variables)
    assert project.error == f"setup: {message}\n"


def shell(commands: str, **variables: str) -> str:
    """Runs commands with the set-up script's functions at hand; returns their output."""
    return run(
        "bash", "-c", f"cd {shlex.quote(str(ROOT))}; . tools/setup.sh; {commands}", **variables
    )


def run(*command: str, **variables: str) -> str:
    """Returns what a command prints."""
    env = {"PATH": os.environ["PATH"], **variables}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("tensorflow", "minors"),
    [
        ("tensorflow-cpu==2.14.0", "10 11"),
        ("tensorflow==2.15.*", "10 11"),
        ("tensorflow-cpu == 2.16.2", "10 11 12"),
        ("tensorflow-cpu==2.19.*", "10 11 12"),
        ("tensorflow-cpu==2.20.0", "10 11 12 13"),
        ("tensorflow-cpu>=2.14", "10 11 12 13"),
        ("tensorflow", "10 11 12 13"),
        ("../w/tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl", "11"),
    ],
)
def test_python_versions_of_a_tensorflow(tensorflow: str, minors: str) -> None:
    assert shell("supported_minors", TENSORFLOW=tensorflow) == minors


def test_a_python_that_cannot_run_is_passed_over(tmp_path: Path) -> None:
    for name, script in {
        "python3": "echo 'no such command' >&2; exit 127",  # a shim that leads nowhere
        "python3.13": "echo ModuleNotFoundError: ensurepip >&2; exit 1",  # Debian without venv
        "python3.12": f'exec {shlex.quote(sys.executable)} "$@"',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    minor = sys.version_info.minor
    found = shell(f"minors=({minor}); find_python", PATH=path)
    # The interpreter itself, not that of this venv.
    assert found == str(Path(sys._base_executable).resolve())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("machine", "tensorflow", "requirements"),
    [
        ("x86_64", "tensorflow-cpu==2.21.*", "tensorflow-cpu==2.21.*"),
        ("aarch64", "tensorflow-cpu==2.21.*", "tensorflow==2.21.*"),
        ("aarch64", "tensorflow==2.20.0", "tensorflow==2.20.0"),
        ("x86_64", "tensorflow-cpu == 2.15", "tensorflow-cpu == 2.15\nnumpy<2"),
        ("x86_64", "w/tensorflow-2.14.1-cp311-x.whl", "w/tensorflow-2.14.1-cp311-x.whl\nnumpy<2"),
    ],
)
def test_what_pip_is_told_about_a_tensorflow(
    tmp_path: Path, machine: str, tensorflow: str, requirements: str
) -> None:
    uname = tmp_path / "uname"
    uname.write_text(f"#!/bin/sh\necho {machine}\n")
    uname.chmod(0o755)
    script = str(ROOT / "tools" / "tensorflow_requirements.sh")
    path = f"{tmp_path}:{os.environ['PATH']}"
    assert run(script, tensorflow, PATH=path) == requirements


def test_the_image_and_the_set_up_take_the_same_tensorflow() -> None:
    (in_image,) = re.findall(
        r"^ARG TENSORFLOW=(.*)$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE
    )
    assert in_image == shell('echo "$TENSORFLOW"')


def test_make_alone_lists_the_targets() -> None:
    # Without the flags of a `make test` that runs this.
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    done = subprocess.run(["make"], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    (phony,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert re.findall(r"^  make (\S+)", done.stdout, flags=re.MULTILINE) == phony.split()


def entrypoint(results: Path) -> list[str]:
    """What `id` prints behind the image's entrypoint: uid and gid."""
    done = subprocess.run(
        [ROOT / "image" / "entrypoint.sh", "sh", "-c", "id -u; id -g; id -G"],
        env={"PATH": os.environ["PATH"], "TFOPT_RESULTS": str(results)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as in a container")


@as_root
def test_the_entrypoint_becomes_the_owner_of_the_results(tmp_path: Path) -> None:
    os.chown(tmp_path, 1234, 2345)
    assert entrypoint(tmp_path) == ["1234", "2345", "2345"]


@as_root
def test_the_entrypoint_opens_a_folder_of_root_but_not_what_is_in_it(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.touch(0o600)
    tmp_path.chmod(0o755)
    assert entrypoint(tmp_path) == ["1000", "1000", "1000"]
    folder = tmp_path.stat()
    assert (folder.st_uid, folder.st_gid, oct(folder.st_mode)) == (0, 1000, "0o40775")
    assert (inside.stat().st_gid, oct(inside.stat().st_mode)) == (0, "0o100600")


@as_root
def test_the_entrypoint_drops_root_without_a_results_folder(tmp_path: Path) -> None:
    assert entrypoint(tmp_path / "missing") == ["1000", "1000", "1000"]


@pytest.mark.skipif(os.geteuid() == 0, reason="needs an ordinary user")
def test_the_entrypoint_leaves_an_ordinary_user_alone(tmp_path: Path) -> None:
    assert entrypoint(tmp_path)[0] == str(os.geteuid())
