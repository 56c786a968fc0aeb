"""A worker that an illegal instruction ends says that the CPU lacks it, and where to look."""

from __future__ import annotations

import sys

import pytest

from tfopt.profiler.conversation import WorkerError
from tfopt.profiler.process import WorkerProcess

DIES = "import os, signal; input(); os.kill(os.getpid(), signal.SIGILL)"


def test_a_worker_that_dies_of_an_illegal_instruction() -> None:
    with (
        WorkerProcess([sys.executable, "-c", DIES]) as worker,
        pytest.raises(WorkerError, match=r"killed by SIGILL .* see tfopt inspect-tensorflow"),
    ):
        worker.ask("start")
