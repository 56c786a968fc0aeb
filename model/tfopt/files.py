"""Writing files so that nothing already written is lost."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def writing(path: Path) -> Iterator[IO[str]]:
    """Opens a UTF-8 text file for writing under a temporary name; renames it to `path` at the end.

    If the block fails, `path` stays as it was.
    """
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}-", delete=False
    ) as file:
        try:
            yield file
        except BaseException:
            Path(file.name).unlink()
            raise
    # A temporary file is private; give the finished one the permissions of a new file.
    mask = os.umask(0)
    os.umask(mask)
    Path(file.name).chmod(0o666 & ~mask)
    Path(file.name).replace(path)
