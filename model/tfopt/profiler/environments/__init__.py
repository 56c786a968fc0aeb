"""Where workers run: this Python, another TensorFlow in an environment of its own, or a container.

The same models are measured in each, in turns, by workers that speak one protocol. Only workers import
TensorFlow; the profiler's own process compares what they give with the reference and holds the clock's
readings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tfopt.cpu import available_cpus
from tfopt.profiler import process
from tfopt.profiler.conversation import Conversation
from tfopt.profiler.progress import Reporter


class Environment(Protocol):
    """A place with a TensorFlow and this package, in which workers are started."""

    @property
    def label(self) -> str:
        """What results call it; nothing if there is only one."""

    @property
    def about(self) -> Mapping[str, Any]:
        """What it was made of, for the record."""

    @property
    def cpus(self) -> int:
        """The CPUs that a worker may use, at least 1."""

    def prepare(self, reporter: Reporter) -> None:
        """Makes it ready.

        Raises:
            RuntimeError: it cannot be made.
            ValueError: there is no such thing.
        """

    def worker(self, model: Path | None = None) -> Conversation:
        """Starts a worker.

        Args:
            model: the directory of the model that it will be asked to load.

        Raises:
            WorkerError: it cannot be started.
        """

    def path(self, model: Path) -> str:
        """Returns what the worker calls the directory of the model that it was started with."""


@dataclass(frozen=True)
class Local:
    """This machine and this Python, or another program that speaks a worker's protocol.

    Attributes:
        command: the worker program.
        label: what results call it.
        about: what it was made of.
    """

    command: Sequence[str] = process.COMMAND
    label: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def cpus(self) -> int:
        """Those that this process may use."""
        return available_cpus()

    def prepare(self, reporter: Reporter) -> None:
        """Does nothing: it is there."""

    def worker(self, model: Path | None = None) -> Conversation:
        """Starts a process, which finds the model where it is."""
        return process.WorkerProcess(self.command)

    def path(self, model: Path) -> str:
        """Returns the directory's path."""
        return str(model)


HERE: Environment = Local()
