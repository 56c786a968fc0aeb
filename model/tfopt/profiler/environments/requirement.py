"""Which TensorFlow an environment is made for, and what a release asks of Python and NumPy."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

OLDEST = (2, 14)
_NAMED = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*==\s*(?P<major>\d+)\.(?P<minor>\d+)"
    r"(\.\d+)+(\.?(a|b|rc|dev|post)\d+)*(\+[A-Za-z0-9]+([._-][A-Za-z0-9]+)*)?"
)
# name, version, perhaps a build number, Python, ABI, platform
_WHEEL = re.compile(
    r"(?P<name>[^-]+)-(?P<major>\d+)\.(?P<minor>\d+)[^-]*(-\d[^-]*)?-(?P<python>[^-]+)-[^-]+-[^-]+\.whl"
)


@dataclass(frozen=True)
class Requirement:
    """A release of TensorFlow, as pip is asked for it.

    Attributes:
        text: the requirement, or the path of a wheel.
        release: major and minor version.
        minors: the minor versions of Python 3 that it has wheels for, among those that tfopt runs on.
        sha256: of the wheel; None for a requirement.
    """

    text: str
    release: tuple[int, int]
    minors: tuple[int, ...]
    sha256: str | None = None

    @property
    def numpy(self) -> str:
        """What has to be asked of NumPy: releases before 2.16 are built for NumPy 1, but do not tell pip."""
        return "numpy<2" if self.release < (2, 16) else "numpy"


def read(text: str) -> Requirement:
    """Reads `NAME==VERSION` or the path of a wheel.

    The version has to be exact, since an environment is kept and must stay what its name says. It may have a
    local label, as rebuilt wheels have: 2.21.0+x86.64.v3.

    Raises:
        ValueError: it is neither, there is no such wheel, or the release is too old for tfopt.
    """
    if text.endswith(".whl"):
        path = Path(text).expanduser().resolve()
        found = _WHEEL.fullmatch(path.name)
        if found is None:
            raise ValueError(
                f"expected a wheel named as NAME-VERSION-PYTHON-ABI-PLATFORM.whl, got {text!r}"
            )
        release = _release(text, found)
        try:
            sha256 = _digest(path)
        except OSError as error:
            raise ValueError(f"cannot read the wheel {text!r}: {error.strerror}") from error
        tags = tuple(int(minor) for minor in re.findall(r"cp3(\d+)", found["python"]))
        return Requirement(str(path), release, tags or _minors(release), sha256)
    found = _NAMED.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            "expected one release of TensorFlow, such as tensorflow-cpu==2.14.0 (X.Y.Z), or a wheel, "
            f"got {text!r}"
        )
    release = _release(text, found)
    return Requirement("".join(text.split()), release, _minors(release))


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _release(text: str, found: re.Match[str]) -> tuple[int, int]:
    release = int(found["major"]), int(found["minor"])
    if release < OLDEST:
        raise ValueError(f"expected TensorFlow 2.14 or later, got {text!r}")
    return release


def _minors(release: tuple[int, int]) -> tuple[int, ...]:
    if release <= (2, 15):
        return (10, 11)
    if release <= (2, 19):
        return (10, 11, 12)
    return (10, 11, 12, 13)
