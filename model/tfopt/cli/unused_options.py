"""Options that have no effect beside others: refused, since whoever gives one expects something of it."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.core import ParameterSource


def refuse(names: Iterable[str], beside: str) -> None:
    """Raises UsageError if one of these options of the current command was given.

    Args:
        names: Of the command's parameters.
        beside: What makes them meaningless, such as `"with g2p models"`.
    """
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name}: expected none {beside}")
