"""Threads of the ops that generate audio."""

from __future__ import annotations

from tfopt.cpu import available_cpus


def threads_for_streams(batch: int, chosen: int | None) -> int:
    """Threads for the streams of a call to an op: as many as were chosen, else one each, up to the CPUs.

    One stream shares its steps among threads only where the caller has asked for several: threads that wait
    for one another spin, which a server with many streams must not.
    """
    return chosen or max(1, min(batch, available_cpus()))
