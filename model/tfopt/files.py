"""Writing files so that nothing already written is lost."""

from __future__ import annotations

import errno
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """Opens a file for writing under a temporary name beside it; renames it to `path` at the end.

    A reader sees the old file or the whole new one. If the block fails, `path` stays as it was. What is not
    a regular file, such as a pipe or /dev/null, is written to as it is.

    Raises:
        OSError: The folder is missing or cannot be written to, `path` is a folder, or its device is full. It
            names `path`, not the temporary file.
    """
    target = path.resolve()  # a link stays one
    try:
        with _written(target) as file:
            yield file
    except OSError as error:
        temporary = str(target.parent / f".{target.name}-")
        if str(error.filename).startswith(temporary) or (
            error.filename is None and error.errno in _FULL
        ):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


@contextmanager
def _written(path: Path) -> Iterator[IO[bytes]]:
    if path.exists() and not path.is_file():
        with path.open("wb") as special:
            yield special
        return
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}-", delete=False
    ) as file:
        temporary = Path(file.name)
        try:
            yield file.file
            file.close()
            # A temporary file is private; give the finished one the permissions of a new file.
            mask = os.umask(0)
            os.umask(mask)
            temporary.chmod(0o666 & ~mask)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


@contextmanager
def writing_text(path: Path) -> Iterator[IO[str]]:
    """`writing`, for UTF-8 text."""
    with writing(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8")
        yield text
        text.flush()
        text.detach()
