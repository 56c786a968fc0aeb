"""Continuous batching: which streams go side by side when, if they are of different lengths.

A lane is a row of the batch. A stream has a lane from its begin to its end; then the next one gets it, so
that no lane is idle while streams wait.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """Some steps in which the same streams go side by side.

    Attributes:
        clock: The steps before.
        steps: How many these are.
        streams: For each lane the number of its stream.
        begins: For each lane the clock at its stream's first step.
        kept: The lanes of the turn before whose streams are in the first lanes of this one, in that order. In
            those behind them streams begin.
    """

    clock: int
    steps: int
    streams: list[int]
    begins: list[int]
    kept: list[int]


def turns(
    lengths: Sequence[int], lanes: int, *, grid: int = 1, join: bool = True
) -> Iterator[Turn]:
    """All turns of some streams, the longest first.

    Args:
        lengths: The steps of each stream; those of none get no lane.
        lanes: The most streams side by side.
        grid: A stream begins at a multiple of so many steps.
        join: Whether streams may begin beside others that are on their way. If not, a lot of them begins when
            that before has ended.
    """
    order = sorted((n for n, length in enumerate(lengths) if length), key=lambda n: -lengths[n])
    waiting = deque(order)
    running: list[tuple[int, int]] = []  # streams and their begins
    kept: list[int] = []
    clock = 0
    while running or waiting:
        if not running:
            clock = -(-clock // grid) * grid
        if clock % grid == 0 and (join or not running):
            while waiting and len(running) < lanes:
                running.append((waiting.popleft(), clock))
        end = min(begin + lengths[stream] for stream, begin in running)
        if join and waiting and len(running) < lanes:
            end = min(end, (clock // grid + 1) * grid)
        streams, begins = map(list, zip(*running, strict=True))
        yield Turn(clock, end - clock, streams, begins, kept)
        clock = end
        kept = [n for n, (stream, begin) in enumerate(running) if begin + lengths[stream] > clock]
        running = [running[n] for n in kept]
