"""What one core can do while a run goes on: bytes read a second at a footprint, operations a second.

The machine's rates change from minute to minute like everything else on it, so they are measured in a process
of their own between the rounds, and the bounds that follow belong to the figures beside them.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from tfopt.profiler.conversation import WorkerError
from tfopt.profiler.environments import HERE, Environment

_SECONDS = 0.1


class Gauge(AbstractContextManager["Gauge"]):
    """Collects rates. Without the ops that measure them it collects nothing and says why.

    Attributes:
        reason: why there are no rates; None if there are.
    """

    def __init__(self, environment: Environment = HERE, seconds: float = _SECONDS) -> None:
        """Starts the process that measures.

        Args:
            environment: where that process runs.
            seconds: how long each measurement takes.
        """
        self._seconds = seconds
        self._worker = environment.worker()
        self._found: dict[int, list[dict[str, float]]] = {}
        self.reason: str | None = None

    def __exit__(self, *_: object) -> None:
        self._worker.close()

    def measure(self, footprint: int) -> None:
        """Measures once at a footprint in bytes."""
        if self.reason is not None:
            return
        try:
            answer = self._worker.ask("rates", bytes=footprint, seconds=self._seconds)
            rates = {name: float(answer[name]) for name in ("bytes_per_s", "operations_per_s")}
        except (WorkerError, KeyError, TypeError, ValueError) as error:
            self.reason = str(error)
            return
        self._found.setdefault(footprint, []).append(rates)

    def forget(self) -> None:
        """Forgets all rates, so that the next ones belong to what is measured from now on."""
        self._found.clear()

    def rates(self, footprint: int) -> dict[str, Any]:
        """Returns the rates measured at a footprint since the start or `forget`, or why there are none."""
        found = [] if self.reason else self._found.get(footprint, [])
        return {
            "bytes_per_s": [one["bytes_per_s"] for one in found],
            "operations_per_s": [one["operations_per_s"] for one in found],
            "reason": self.reason,
        }
