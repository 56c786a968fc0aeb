"""Finding a Python that a release of TensorFlow has wheels for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tfopt.profiler.environments.requirement import Requirement

_TIMEOUT_S = 60.0
# Outside any environment: one made of an environment's Python would go when that environment goes. Debian
# packs ensurepip, without which venv installs no pip, apart.
_PROBE = """
import ensurepip, os, sys, venv
print(sys.version_info[1], os.path.realpath(getattr(sys, "_base_executable", sys.executable)))
print(sys.version)
"""


@dataclass(frozen=True)
class Python:
    """An interpreter that can make environments: its path, minor version, and what it says of itself."""

    path: str
    minor: int
    version: str


def choose(requirements: Sequence[Requirement]) -> list[Python]:
    """Returns a Python for each requirement: the same for all if there is one that suits all.

    The running one is preferred, then the newest on PATH.

    Raises:
        ValueError: there is none for a requirement.
    """
    common = set.intersection(*(set(one.minors) for one in requirements))
    if python := _find(common):
        return [python] * len(requirements)
    found = []
    for one in requirements:
        python = _find(one.minors)
        if python is None:
            versions = ", ".join(f"3.{minor}" for minor in one.minors)
            raise ValueError(
                f"{one.text} needs one of Python {versions} with its venv module, and PATH has none"
            )
        found.append(python)
    return found


def _find(minors: Collection[int]) -> Python | None:
    names = [f"python3.{minor}" for minor in sorted(minors, reverse=True)]
    if sys.version_info.minor in minors:
        names.insert(0, sys.executable)
    return next((found for name in names if (found := _probe(name, minors))), None)


def _probe(name: str, minors: Collection[int]) -> Python | None:
    """Runs a candidate, since a name on PATH may lead nowhere, and returns it if it suits."""
    try:
        done = subprocess.run(
            [name, "-I", "-c", _PROBE],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    first, _, version = done.stdout.partition("\n")
    minor, _, path = first.partition(" ")
    return Python(path, int(minor), version.strip()) if int(minor) in minors else None
