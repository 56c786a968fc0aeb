"""The type of a command's arguments and options that are paths."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click


class _Path(click.Path):
    """A path that is not empty, as an unset variable's is: pathlib takes "" for the current folder.

    Whether it can be read is for the command to say: an output need not be, and of many inputs the others
    go on.
    """

    def __init__(self, path_type: type[Any] | None = None) -> None:
        super().__init__(readable=False, path_type=path_type)

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        if not os.fspath(value):
            self.fail("expected a path, got ''", param, ctx)
        return super().convert(value, param, ctx)


PATH = _Path(path_type=Path)
# As a string, because - is standard input or output.
PATH_OR_STANDARD = _Path()
