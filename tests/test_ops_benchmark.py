"""The library's measures for the profiler: that they measure, not how fast this machine is."""

from __future__ import annotations

import numpy as np
import pytest
from ops_wavernn import WAVERNNS

from tfopt import ops, ops_benchmark


def test_rates_are_of_this_world() -> None:
    for footprint in (0, 1, 1 << 20):
        assert 1e6 < ops_benchmark.measure_bandwidth(footprint, 0.01) < 1e14
    assert 1e6 < ops_benchmark.measure_arithmetic(0.01) < 1e14


def test_every_module_is_timed() -> None:
    random = np.random.default_rng(0)
    shapes = [(1, 16, 8), (8,), (2, 8, 16), (16,), (0,), (0,), (8, 8), (8,), (8, 8), (8,)]
    shapes += [(8, 8), (8,), (8, 16), (16,)]
    weights = [random.normal(size=shape).astype(np.float32) for shape in shapes]
    config = [8, 8, 8, 8, 16, 2, 16, 1, 0, 0, 0, 0, 0]
    packed = ops.wavenet_pack(weights, config=config, dilations=[1])
    seconds = ops_benchmark.wavenet_modules(packed, steps=100)
    assert len(seconds) == len(ops_benchmark.WAVENET_MODULES)
    assert all(value >= 0 for value in seconds)
    assert 0 < sum(seconds) < 1
    with pytest.raises(ValueError, match="steps: expected at least 1, got 0"):
        ops_benchmark.wavenet_modules(packed, steps=0)


@pytest.mark.parametrize("name", ["split", "one fc"])
def test_every_module_of_a_wavernn_is_timed(name: str) -> None:
    """Those that the model lacks take no time."""
    model = WAVERNNS[name]
    packed = ops.wavernn_pack(model.weights(), config=model.config)
    seconds = ops_benchmark.wavernn_modules(packed, steps=200, hop_length=3)
    assert len(seconds) == len(ops_benchmark.WAVERNN_MODULES)
    assert all(value >= 0 for value in seconds)
    assert 0 < sum(seconds) < 1
    if name == "one fc":
        assert seconds[ops_benchmark.WAVERNN_MODULES.index("fc 2")] == 0
        assert seconds[ops_benchmark.WAVERNN_MODULES.index("fine")] == 0
    for steps, hop_length, names in ((0, 1, "steps"), (1, 0, "hop_length")):
        with pytest.raises(ValueError, match=f"{names}: expected at least 1, got 0"):
            ops_benchmark.wavernn_modules(packed, steps=steps, hop_length=hop_length)


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="packed: expected a packed model"):
        ops_benchmark.wavenet_modules(np.zeros(3, np.uint8), steps=1)
    with pytest.raises(ValueError, match="packed: expected uint8"):
        ops_benchmark.wavenet_modules(np.zeros(3, np.float32), steps=1)
    with pytest.raises(ValueError, match="footprint: expected bytes"):
        ops_benchmark.measure_bandwidth(-1)


def test_an_unknown_instruction_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFOPT_ISA", "sse9")
    with pytest.raises(ValueError, match="TFOPT_ISA: expected one of"):
        ops_benchmark.measure_arithmetic(0.001)
