"""A worker as a process on this machine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence

from tfopt.profiler.conversation import PATIENCE_S, Conversation, WorkerError

MODULE = ("-m", "tfopt.profiler.worker")
COMMAND: tuple[str, ...] = (sys.executable, *MODULE)


class WorkerProcess(Conversation):
    """A worker process that was started for this conversation."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        patience_s: float = PATIENCE_S,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Starts the process.

        Args:
            command: the program; it speaks the protocol described in `tfopt.profiler.worker`.
            patience_s: how long one command may take before the worker counts as hung.
            variables: its environment variables; None for this process's.

        Raises:
            WorkerError: the program cannot be started.
        """
        super().__init__(patience_s)
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=variables,
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

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def close(self) -> None:
        """Ends the process at once, with everything it started, and waits until it has ended."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._join()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _send(self, line: str) -> None:
        assert self._process.stdin is not None  # noqa: S101
        self._process.stdin.write(line)
        self._process.stdin.flush()

    def _status(self) -> int:
        status = self._process.wait()
        self._join()
        return status

    def _join(self) -> None:
        for reader in self._readers:
            reader.join(timeout=5.0)

    def _read_answers(self) -> None:
        assert self._process.stdout is not None  # noqa: S101
        for line in self._process.stdout:
            self._heard(line)
        self._fell_silent()

    def _read_log(self) -> None:
        """Keeps the pipe from filling up."""
        assert self._process.stderr is not None  # noqa: S101
        for line in self._process.stderr:
            self._logged(line)
