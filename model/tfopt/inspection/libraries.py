"""The libraries of a TensorFlow: those of the installed one, or those inside a wheel."""

from __future__ import annotations

import email
import errno
import importlib.util
import lzma
import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tfopt import tensorflow_distributions
from tfopt.tensorflow_distributions import Distribution

_PACKAGE = "tensorflow"
_LIBRARY = re.compile(r"\.so(\.\d+)*$")
# What unpacking raises depends on the compression and on where the damage is; RuntimeError: encrypted.
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError),
    *(LookupError, ValueError, OverflowError, struct.error),
)
# bzip2's, and where the archive says that something lies before its beginning; others are the disk's.
_DAMAGE_NUMBERS = (None, errno.EINVAL)
_METADATA = re.compile(r"[^/]+\.dist-info/METADATA")


@dataclass(frozen=True)
class Library:
    """A shared library on disk.

    Attributes:
        name: Its path inside the environment or the wheel.
        path: Where it lies.
    """

    name: str
    path: Path


@dataclass(frozen=True)
class Subject:
    """What is inspected: a distribution and its libraries."""

    distribution: Distribution
    libraries: list[Library]


def installed() -> Subject:
    """Finds the TensorFlow of this environment, without importing it.

    Raises:
        ImportError: None is installed, or its name and version are not known.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("no TensorFlow is installed: name a wheel, or pip install 'tfopt[cpu]'")
    folder = Path(spec.submodule_search_locations[0])
    usual = tensorflow_distributions.installed()
    distribution = usual[0] if usual else tensorflow_distributions.providing(_PACKAGE)
    if distribution is None:
        raise ImportError(
            f"the TensorFlow in {folder}: its distribution is not known; name a wheel"
        )
    files = (file for file in sorted(folder.rglob("*.so*")) if _LIBRARY.search(file.name))
    libraries = [Library(str(file.relative_to(folder.parent)), file) for file in files]
    return Subject(distribution, libraries)


@contextmanager
def of_wheel(wheel: Path) -> Iterator[Subject]:
    """Unpacks the libraries of a wheel into a temporary folder, which is gone at the end.

    Raises:
        ValueError: The file is not a wheel, is damaged or truncated, or holds no library of TensorFlow.
        OSError: It cannot be read, or there is no room for its libraries.
    """
    with tempfile.TemporaryDirectory(prefix="tfopt-inspect-") as folder:
        try:
            with zipfile.ZipFile(wheel) as archive:
                distribution = _distribution(archive)
                libraries = list(_unpacked(archive, Path(folder)))
        except (*_DAMAGE, OSError) as error:
            if isinstance(error, OSError) and error.errno not in _DAMAGE_NUMBERS:
                raise
            raise ValueError(
                f"{wheel}: not a wheel, or a damaged or truncated one: {error}"
            ) from error
        if not libraries:
            raise ValueError(f"{wheel}: expected libraries in {_PACKAGE}/, got none")
        yield Subject(distribution, libraries)


def _distribution(archive: zipfile.ZipFile) -> Distribution:
    found = [name for name in archive.namelist() if _METADATA.fullmatch(name)]
    if len(found) != 1:
        raise ValueError(f"expected a wheel with one METADATA, got {len(found)}")
    metadata = email.message_from_bytes(archive.read(found[0]))
    name = re.sub(r"[-_.]+", "-", metadata.get("Name", "")).lower()
    return Distribution(name, metadata.get("Version", ""))


def _unpacked(archive: zipfile.ZipFile, folder: Path) -> Iterator[Library]:
    """Unpacks under names of our own: those in the archive may lead out of the folder."""
    for number, name in enumerate(sorted(archive.namelist())):
        if name.startswith(f"{_PACKAGE}/") and _LIBRARY.search(name):
            path = folder / f"{number}.so"
            with archive.open(name) as packed, path.open("wb") as file:
                shutil.copyfileobj(packed, file, 1 << 20)
            yield Library(name, path)
