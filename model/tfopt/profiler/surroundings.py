"""What a results file says of where it was measured: the machine, and the software in each environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfopt.profiler import machine
from tfopt.profiler.conversation import AnsweredError, Conversation, WorkerError
from tfopt.profiler.environments import Environment
from tfopt.profiler.progress import Reporter
from tfopt.profiler.worker import PROTOCOL

# Other programs' share of the CPUs beyond which the user is warned.
_BUSY_PERCENT = 10.0


def look(reporter: Reporter, environments: Sequence[Environment]) -> list[dict[str, Any]]:
    """Makes the environments ready, and returns what each says of itself.

    Returns:
        For each environment its part of a document: tfopt, machine, software, and what it was made of.

    Raises:
        RuntimeError: one cannot be made, has no worker of this version, or cannot import TensorFlow.
        ValueError: one does not exist.
    """
    for environment in environments:
        environment.prepare(reporter)
    reporter.begin("looking at the machine", 0)
    busy = machine.busy_percent()
    if busy is not None and busy > _BUSY_PERCENT:
        reporter.warn(f"other programs keep {busy:.0f} % of this machine busy: expect more noise")
    found = []
    for environment in environments:
        where = f"{environment.label}: " if environment.label else ""
        reporter.begin(f"{where}asking TensorFlow how it was built", 0)
        try:
            with environment.worker() as worker:
                _check_protocol(worker)
                answer = worker.ask("describe")
            about = {name: dict(answer[name]) for name in ("tfopt", "machine", "software")}
        except (WorkerError, KeyError, TypeError, ValueError) as error:
            raise RuntimeError(where + str(error).removeprefix("RuntimeError: ")) from error
        about["machine"]["busy_percent_before"] = busy
        if environment.about:
            about["environment"] = dict(environment.about)
        found.append(about)
    return found


def _check_protocol(worker: Conversation) -> None:
    """Raises WorkerError unless the worker and this profiler speak the same protocol."""
    try:
        given = worker.ask("protocol").get("protocol")
    except AnsweredError:  # one that is older than this question
        given = "an older one"
    if given != PROTOCOL:
        raise WorkerError(
            f"the protocol of its tfopt's worker: expected {PROTOCOL}, got {given}; "
            "use the same tfopt everywhere"
        )
