"""The profiler's end of a worker: starts the process, asks it, notices its death, ends it."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from typing import Any

COMMAND: tuple[str, ...] = (sys.executable, "-m", "tfopt.profiler.worker")
_PATIENCE_S = 900.0  # compiling a large network with XLA takes minutes
_ENDED = None


class WorkerError(RuntimeError):
    """The worker failed; the message is one line fit for a table."""


class WorkerProcess:
    """A running worker. As a context manager it leaves no process behind, whatever happens."""

    def __init__(self, command: Sequence[str] = COMMAND, patience_s: float = _PATIENCE_S) -> None:
        """Starts the process.

        Args:
            command: the program; it speaks the protocol described in `tfopt.profiler.worker`.
            patience_s: how long one command may take before the worker counts as hung.

        Raises:
            WorkerError: the program cannot be started.
        """
        self._patience_s = patience_s
        self._answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._log: deque[str] = deque(maxlen=100)
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                # Ctrl-C reaches the whole foreground group; the profiler alone decides what to end.
                start_new_session=True,
            )
        except OSError as error:
            raise WorkerError(f"the worker cannot be started: {error.strerror}") from error
        self._readers = [
            threading.Thread(target=self._read_answers, daemon=True),
            threading.Thread(target=self._read_log, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Sends one command and waits for its answer.

        Raises:
            WorkerError: the worker reports an error, dies, hangs, or answers something else.
        """
        assert self._process.stdin is not None  # noqa: S101
        try:
            self._process.stdin.write(json.dumps({"command": command, **arguments}) + "\n")
            self._process.stdin.flush()
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
            raise WorkerError(str(answer["error"]))
        return answer

    def close(self) -> None:
        """Ends the process at once, with everything it started, and waits until it has ended."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for reader in self._readers:
            reader.join(timeout=5.0)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _read_answers(self) -> None:
        assert self._process.stdout is not None  # noqa: S101
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put(_ENDED)

    def _read_log(self) -> None:
        """Keeps the end of the worker's log, and keeps the pipe from filling up."""
        assert self._process.stderr is not None  # noqa: S101
        for line in self._process.stderr:
            self._log.append(line.rstrip())

    def _how_it_died(self, command: str) -> str:
        status = self._process.wait()
        for reader in self._readers:
            reader.join(timeout=5.0)
        if status < 0:
            try:
                name = signal.Signals(-status).name
            except ValueError:
                name = f"signal {-status}"
            hint = " (out of memory?)" if -status == signal.SIGKILL else ""
            return f"killed by {name}{hint} during {command!r}"
        last = next((line for line in reversed(self._log) if line.strip()), "")
        return f"ended with status {status} during {command!r}" + (
            f": {last[:200]}" if last else ""
        )
