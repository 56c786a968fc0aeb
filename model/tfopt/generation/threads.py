"""Threads of the ops that generate audio."""

from __future__ import annotations

from tfopt.cpu import available_cpus

# Streams that go in step on a thread, as custom_ops/engine/models/stream_groups.h has it.
_IN_STEP = 24


def threads_for_streams(batch: int, chosen: int | None) -> int:
    """Threads for the streams of a call to an op: as many as were chosen, else one each, up to the CPUs.

    One stream shares its steps among threads only where the caller has asked for several: threads that wait
    for one another spin, which a server with many streams must not.
    """
    return chosen or max(1, min(batch, available_cpus()))


def lanes_of_streams(chosen: int | None) -> int:
    """As many streams as keep all threads busy, which are those chosen or one for each CPU."""
    return _IN_STEP * (chosen or available_cpus())
