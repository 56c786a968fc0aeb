"""Talking to a worker, wherever it runs: a question and its answer, one line of JSON each."""

from __future__ import annotations

import json
import queue
import signal
from abc import ABC, abstractmethod
from collections import deque
from typing import Any, TypeVar

from tfopt.tensorflow_distributions import ILLEGAL_INSTRUCTION

PATIENCE_S = 900.0  # compiling a large network with XLA takes minutes
_ENDED = None
_REASONS: dict[int, str] = {
    signal.SIGKILL: " (out of memory?)",
    signal.SIGILL: f" ({ILLEGAL_INSTRUCTION})",
}
_Self = TypeVar("_Self", bound="Conversation")


class WorkerError(RuntimeError):
    """The worker failed; the message is one line fit for a table."""


class AnsweredError(WorkerError):
    """The worker lives, and answered that a command failed."""


class Conversation(ABC):
    """A running worker that is asked one thing after the other (`tfopt.profiler.worker`).

    As a context manager it leaves nothing running, whatever happens. Whoever reads the worker's output hands
    it over line by line with `_heard`, `_logged` and, at its end, `_fell_silent`.
    """

    def __init__(self, patience_s: float) -> None:
        """Prepares the conversation.

        Args:
            patience_s: how long one command may take before the worker counts as hung.
        """
        self._patience_s = patience_s
        self._answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._log: deque[str] = deque(maxlen=100)

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Ends the worker at once, with everything it started, and waits until it has ended."""

    @abstractmethod
    def _send(self, line: str) -> None:
        """Sends one line; OSError if the worker has ended."""

    @abstractmethod
    def _status(self) -> int | None:
        """Waits until the worker has ended; returns its exit status, or minus the signal, None if unknown."""

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Sends one command and waits for its answer.

        Raises:
            AnsweredError: the worker reports an error.
            WorkerError: it dies, hangs, or answers something else.
        """
        try:
            self._send(json.dumps({"command": command, **arguments}) + "\n")
        except OSError as error:
            raise WorkerError(self._how_it_died(command)) from error
        try:
            line = self._answers.get(timeout=self._patience_s)
        except queue.Empty as error:
            raise WorkerError(
                f"no answer to {command!r} within {self._patience_s:.0f} s"
            ) from error
        if line is _ENDED:
            raise WorkerError(self._how_it_died(command))
        try:
            answer = json.loads(line)
        except ValueError as error:
            raise WorkerError(f"unreadable answer to {command!r}: {line.strip()[:80]!r}") from error
        if not isinstance(answer, dict):
            raise WorkerError(f"unreadable answer to {command!r}: {line.strip()[:80]!r}")
        if "error" in answer:
            raise AnsweredError(str(answer["error"]))
        return answer

    def _heard(self, line: str) -> None:
        """Takes a line of the worker's standard output."""
        self._answers.put(line)

    def _logged(self, line: str) -> None:
        """Takes a line of the worker's standard error, of which the end is kept."""
        self._log.append(line.rstrip())

    def _fell_silent(self) -> None:
        """Takes note that there will be no more answers."""
        self._answers.put(_ENDED)

    def _how_it_died(self, command: str) -> str:
        status = self._status()
        if status is not None and status < 0:
            try:
                name = signal.Signals(-status).name
            except ValueError:
                name = f"signal {-status}"
            return f"killed by {name}{_REASONS.get(-status, '')} during {command!r}"
        last = next((line for line in reversed(self._log) if line.strip()), "")
        how = "ended" if status is None else f"ended with status {status}"
        return f"{how} during {command!r}" + (f": {last[:200]}" if last else "")
