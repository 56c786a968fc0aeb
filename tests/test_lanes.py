"""Which streams go side by side."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfopt.generation.lanes import Turn, turns


def test_a_stream_gets_the_lane_of_one_that_has_ended() -> None:
    assert list(turns([2, 5, 3], 2)) == [
        Turn(0, 3, [1, 2], [0, 0], []),
        Turn(3, 2, [1, 0], [0, 3], [0]),
    ]


def test_streams_begin_on_the_grid() -> None:
    assert list(turns([3, 4, 2], 2, grid=4)) == [
        Turn(0, 3, [1, 0], [0, 0], []),
        Turn(3, 1, [1], [0], [0]),
        Turn(4, 2, [2], [4], []),
    ]


def test_those_that_cannot_join_wait_for_the_end_of_all() -> None:
    assert list(turns([2, 5, 3], 2, join=False)) == [
        Turn(0, 3, [1, 2], [0, 0], []),
        Turn(3, 2, [1], [0], [0]),
        Turn(5, 2, [0], [5], []),
    ]


def test_nothing_to_do() -> None:
    assert list(turns([], 4)) == []
    assert list(turns([0, 0], 4)) == []


@pytest.mark.parametrize("join", [True, False])
@given(
    lengths=st.lists(st.integers(0, 30), max_size=20),
    lanes=st.integers(1, 5),
    grid=st.integers(1, 7),
)
@settings(max_examples=200, deadline=None)
def test_every_stream_goes_once_from_its_begin_to_its_end(
    join: bool, lengths: list[int], lanes: int, grid: int
) -> None:
    done = [0] * len(lengths)
    begun: dict[int, int] = {}
    before: list[int] = []
    clock = 0
    for turn in turns(lengths, lanes, grid=grid, join=join):
        assert clock <= turn.clock < clock + grid
        assert turn.steps > 0
        assert 1 <= len(turn.streams) == len(set(turn.streams)) <= lanes
        waiting = any(
            n not in begun and n not in turn.streams for n in range(len(lengths)) if lengths[n]
        )
        if join and waiting and turn.clock % grid == 0:
            assert len(turn.streams) == lanes  # no lane is idle
        assert turn.streams[: len(turn.kept)] == [before[lane] for lane in turn.kept]
        for lane, (stream, begin) in enumerate(zip(turn.streams, turn.begins, strict=True)):
            if lane >= len(turn.kept):
                assert stream not in begun
                assert begin == turn.clock
                assert begin % grid == 0
                begun[stream] = begin
            assert begun[stream] == begin
            done[stream] += turn.steps
        before, clock = turn.streams, turn.clock + turn.steps
    assert done == lengths
