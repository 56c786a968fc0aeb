"""Shows how far a run has come: a bar on a terminal, a line for each phase otherwise."""

from __future__ import annotations

from typing import Protocol

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)


class Reporter(Protocol):
    """Shows how far a run has come."""

    def begin(self, text: str, steps: int) -> None:
        """A phase begins that has this many steps; 0 if it is not known how many."""

    def step(self, text: str) -> None:
        """One step is done."""

    def warn(self, text: str) -> None:
        """Something makes the figures worse."""


class Report:
    """A progress bar on a terminal, a line for each phase otherwise; both on standard error."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._phase = self._bar.add_task("", total=None)

    def __enter__(self) -> Report:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def begin(self, text: str, steps: int) -> None:
        """Shows that a phase begins."""
        if self._bar.disable:
            click.echo(f"measuring {text}" if steps else text, err=True)
        self._bar.update(self._phase, description=text, completed=0, total=steps or None)

    def step(self, text: str) -> None:
        """Shows that a step is done."""
        self._bar.update(self._phase, description=text, advance=1)

    def warn(self, text: str) -> None:
        """Shows a warning that stays."""
        self._bar.console.print(f"Warning: {text}", style="yellow", markup=False)
