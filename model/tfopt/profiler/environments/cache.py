"""Folders that are made once and kept for the next run: `$TFOPT_CACHE`, else `~/.cache/tfopt`.

A folder is made under a lock, in its place, since an environment of Python's cannot be moved. What it holds
is written down last, beside it: a folder without that, or that holds something else, is made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tfopt import files

FOLDER_VARIABLE = "TFOPT_CACHE"


def folder() -> Path:
    """Returns `$TFOPT_CACHE`, else `.cache/tfopt` in the user's home."""
    given = os.environ.get(FOLDER_VARIABLE)
    return (Path(given) if given else Path.home() / ".cache" / "tfopt").absolute()


def kept(
    path: Path, make: Callable[[Path], None], waiting: Callable[[], None] = lambda: None
) -> None:
    """Has a folder made, unless it is there and whole.

    Args:
        path: the folder.
        make: makes it; if this fails, what there is of it is removed.
        waiting: called before waiting for another process that makes it.

    Raises:
        ValueError: the folder above cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_suffix(".lock").open("a")
    except OSError as error:
        raise ValueError(
            f"{FOLDER_VARIABLE}: expected a folder that can be written to, got "
            f"{str(path.parent)!r}: {error.strerror}"
        ) from error
    with lock:
        _wait_for(lock.fileno(), waiting)
        if is_whole(path):
            return
        _complete(path).unlink(missing_ok=True)
        shutil.rmtree(path, ignore_errors=True)
        try:
            make(path)
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise
        with files.writing_text(_complete(path)) as file:
            file.write(_contents(path))


def is_whole(path: Path) -> bool:
    """Returns whether a folder holds what it held when it was made."""
    try:
        return _complete(path).read_text(encoding="utf-8") == _contents(path)
    except OSError:
        return False


def _complete(path: Path) -> Path:
    return path.with_suffix(".complete")


def _contents(path: Path) -> str:
    """Returns a hash of the names and sizes of all files but those that Python compiles by itself."""
    digest = hashlib.sha256()
    for parent, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            file = Path(parent, name)
            digest.update(f"{file.relative_to(path)}\0{file.lstat().st_size}\0".encode())
    return digest.hexdigest()


def _wait_for(lock: int, waiting: Callable[[], None]) -> None:
    """Takes a lock, which is given back when the file is closed or the process ends."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waiting()
        fcntl.flock(lock, fcntl.LOCK_EX)
