"""An environment of Python's with a TensorFlow of its own, kept for the next run.

It has that TensorFlow, a NumPy that fits, what tfopt itself needs, and nothing else. tfopt is not installed
in it: all environments run this very package, custom ops included, through a link.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import tfopt
from tfopt.cpu import available_cpus
from tfopt.profiler import process
from tfopt.profiler.conversation import Conversation
from tfopt.profiler.environments import cache, labels, pythons, requirement
from tfopt.profiler.environments.pythons import Python
from tfopt.profiler.environments.requirement import Requirement
from tfopt.profiler.progress import Reporter

_LOG_WIDTH = 70


def environments(texts: Sequence[str], scratch: Path) -> list[VirtualEnvironment]:
    """Returns an environment for each requirement, still to be prepared.

    As far as the releases allow it they have the same Python and the same NumPy, so that TensorFlow is all
    that differs.

    Args:
        texts: `NAME==VERSION` or wheels; each may have `LABEL=` before it.
        scratch: a folder that lasts as long as the environments are used.

    Raises:
        ValueError: one is wrong, or there is no Python for it.
    """
    named = labels.read(texts)
    wanted = [requirement.read(what) for _, what in named]
    pythons_ = pythons.choose(wanted)
    numpy = min((one.numpy for one in wanted), key=lambda text: "<" not in text)
    same = len(set(pythons_)) == 1
    return [
        VirtualEnvironment(label, one, python, numpy if same else one.numpy, scratch)
        for (label, _), one, python in zip(named, wanted, pythons_, strict=True)
    ]


@dataclass(frozen=True)
class VirtualEnvironment:
    """A TensorFlow in an environment of its own.

    Attributes:
        label: what results call it.
        requirement: the TensorFlow.
        python: makes the environment.
        numpy: what pip is asked for beside TensorFlow.
        scratch: a folder for the link to this package.
    """

    label: str
    requirement: Requirement
    python: Python
    numpy: str
    scratch: Path

    @property
    def about(self) -> Mapping[str, Any]:
        """The requirement, or the wheel's name and hash."""
        text, sha256 = self.requirement.text, self.requirement.sha256
        return {"tensorflow": Path(text).name if sha256 else text} | (
            {"wheel_sha256": sha256} if sha256 else {}
        )

    @property
    def cpus(self) -> int:
        """Those that this process may use."""
        return available_cpus()

    @property
    def folder(self) -> Path:
        """Where the environment is kept."""
        made_of = [
            self.python.path,
            self.python.version,
            *self._packages(),
            self.requirement.sha256,
        ]
        name = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:16]
        return cache.folder() / "environments" / name

    def prepare(self, reporter: Reporter) -> None:
        """Makes the environment, unless it is there and whole.

        Raises:
            RuntimeError: pip cannot install what it needs.
            ValueError: the cache cannot be written to.
        """

        def make(folder: Path) -> None:
            reporter.begin(f"making an environment with {self.requirement.text} in {folder}", 0)
            _run([self.python.path, "-m", "venv", str(folder)], self.requirement.text, reporter)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
            install = ["--no-input", "install", "--progress-bar", "off"]
            _run([*pip, *install, *self._packages()], self.requirement.text, reporter)

        def waiting() -> None:
            reporter.begin(f"waiting for another run that makes {self.folder}", 0)

        cache.kept(self.folder, make, waiting)

    def worker(self, model: Path | None = None) -> Conversation:
        """Starts a process, which finds the model where it is."""
        link = self.scratch / "package" / "tfopt"
        if not link.exists():
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(Path(tfopt.__file__).resolve().parent, target_is_directory=True)
        command = [str(self.folder / "bin" / "python"), *process.MODULE]
        variables = {**_plain_variables(), "PYTHONPATH": str(link.parent)}
        return process.WorkerProcess(command, variables=variables)

    def path(self, model: Path) -> str:
        """Returns the directory's path."""
        return str(model)

    def _packages(self) -> list[str]:
        """Returns what pip is asked for: TensorFlow, NumPy, and what this package needs."""
        needs = [one for one in metadata.requires("tfopt") or () if "extra ==" not in one]
        return [self.requirement.text, self.numpy, *sorted(needs)]


def _plain_variables() -> dict[str, str]:
    """Returns this process's environment variables without those that bring in packages from elsewhere."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    }


def _run(command: Sequence[str], what: str, reporter: Reporter) -> None:
    """Runs a program, shows its lines as steps, and leaves nothing running whatever happens.

    Raises:
        RuntimeError: it fails; the message has the last thing that it says is an error.
    """
    with subprocess.Popen(
        command,
        env=_plain_variables(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as running:
        assert running.stdout is not None  # noqa: S101
        lines = []
        try:
            for line in running.stdout:
                lines.append(line.strip())
                reporter.step(f"{what}: {line.strip()[:_LOG_WIDTH]}")
            status = running.wait()
        except BaseException:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(running.pid, signal.SIGKILL)
            raise
    if status:
        errors = [line for line in lines if re.match(r"ERROR|Error", line)] or lines[-1:]
        reason = errors[-1] if errors else f"exit status {status}"
        raise RuntimeError(f"no environment with {what} can be made: {reason}")
