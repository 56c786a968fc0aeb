"""Sessions on loan: making one takes TensorFlow longer than many samples."""

from __future__ import annotations

import weakref
from collections import deque
from typing import Any

from tfopt.sessions import session


class Leases:
    """A graph's sessions."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph
        # Deques are safe to share between threads. Two are kept: each holds its last streams' state.
        self._idle: deque[Any] = deque(maxlen=2)

    def take(self) -> Lease:
        """An idle session, or a new one."""
        try:
            taken = self._idle.pop()
        except IndexError:
            taken = session(self._graph)
        return Lease(taken, self._idle)


class Lease:
    """A session that goes back to the idle ones when the last state that holds it has gone."""

    def __init__(self, session: Any, idle: deque[Any]) -> None:
        self.session = session
        weakref.finalize(self, idle.append, session).atexit = False
