"""What `benchmarks/kernels/block_shapes.py` makes of timings and of pruned models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmark_documents import script

from tfopt import model_kinds
from tfopt.pruning.blocks import Block

TIMES = {
    ("float32", "16x1"): {"a": 2.0, "b": 3.0},
    ("float32", "8x1"): {"a": 4.0, "b": 24.0},
    ("int8", "8x4"): {"a": 1.0, "b": 1.0},
}


@pytest.fixture
def model(tiny_model: Path) -> model_kinds.Model:
    return model_kinds.read(tiny_model)


def test_rows(model: model_kinds.Model) -> None:
    block_shapes = script("kernels/block_shapes.py")
    timings = [
        {
            "function": f"{block} at {density}",
            "type": kind,
            "model": name,
            "size": "64x64",
            **(
                {"missing": "not supported on this CPU"}
                if kind == "int8"
                else {"seconds": [time] * 3}
            ),
        }
        for (kind, block), times in TIMES.items()
        for density in ("0.1", "0.2")
        for name, time in times.items()
    ]
    rows = block_shapes.rows(timings, {"tiny": model})
    assert [(row["block"], row["density"]) for row in rows] == [
        (block, density) for _, block in TIMES for density in (0.1, 0.2)
    ]
    # The geometric mean of 2 and 8.
    assert [row["time"] for row in rows] == [
        1.0,
        1.0,
        pytest.approx(4.0),
        pytest.approx(4.0),
        None,
        None,
    ]
    lines = block_shapes.table(rows).splitlines()
    assert lines[0] == "| type | block | density | time | kept of tiny |"
    assert lines[4].startswith("| float32 | 8x1 | 0.1 | 4.00 | ")
    assert lines[6].startswith("| int8 | 8x4 | 0.1 |  | ")


def test_what_pruning_keeps(model: model_kinds.Model) -> None:
    kept = script("kernels/block_shapes.py").kept
    assert kept(model, Block(4, 1), 1.0) == pytest.approx(1.0)
    single = [kept(model, Block(1, 1), density) for density in (0.1, 0.2, 0.5)]
    assert single == sorted(single)
    # Single weights can be chosen best.
    assert kept(model, Block(4, 4), 0.2) < kept(model, Block(4, 1), 0.2) < single[1]
    assert 0.2 < single[1] < 1.0
    assert np.isfinite(single).all()
