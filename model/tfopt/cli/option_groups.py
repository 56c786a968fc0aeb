"""Options that are declared together and added to a command as one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_Command = Callable[..., Any]
_Decorator = Callable[[_Command], _Command]


def together(*options: _Decorator) -> _Decorator:
    """One decorator that stands for several of `click.option`, in the order of the command's help."""

    def add(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add
