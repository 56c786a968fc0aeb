"""What a sample of a WaveNet costs, with sizes that can be counted by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tfopt import ops_benchmark
from tfopt.roofline import Rates, Work
from tfopt.wavenet import cost
from tfopt.wavenet.config import WavenetConfig, doubling
from tfopt.wavenet.presets import PRESETS
from tfopt.wavenet.random_weights import random_weights

# Two layers: R=2, G=3, S=4, E=5, 6 classes; 2 taps; dilations 1 and 64.
SMALL = WavenetConfig(
    sample_rate=8000,
    residual_channels=2,
    gate_channels=3,
    skip_channels=4,
    end_channels=5,
    dilations=(1, 64),
    input="one_hot",
    output="categorical",
    classes=6,
    biases=(),
)


def test_every_module_by_hand() -> None:
    works = cost.modules(SMALL)
    assert tuple(works) == cost.MODULES
    # One tap is 2 x 6 = 12 weights; of the past tap a block of 1, or 16, steps shares the read.
    for name in ("convolution", "ahead"):
        assert works[name].parameters == 2 * 12
        assert works[name].operations == 2 * 2 * 12
        assert works[name].bytes == 4 * 2 * 12
    assert works["convolution"].bytes_ahead == 4 * 2 * 12
    assert works["ahead"].bytes_ahead == 4 * (12 / 1 + 12 / 16)
    assert works["input"].parameters == 6 * 2
    assert works["input"].bytes == 4 * 2  # one row of the table
    assert works["gate"] == Work(operations=2 * 3, functions=2 * 6)
    assert works["residual"].parameters == 2 * 3 * 2
    assert works["residual"].bytes == 4 * 1 * 3 * 2  # the last layer's is not needed
    assert works["skip"].operations == 2 * 2 * 3 * 4
    assert works["end"].bytes == 4 * (4 * 5 + 5 * 6)
    assert works["sampling"].functions == 6


def test_biases_are_read_but_multiply_nothing() -> None:
    biased = cost.modules(replace(SMALL, biases=("input", "conv", "residual", "skip", "end")))
    plain = cost.modules(SMALL)
    numbers = {
        "input": 2,
        "convolution": 2 * 6,
        "residual": 2,
        "skip": 4,
        "end": 5 + 6,
    }
    for name in cost.MODULES:
        extra = numbers.get(name, 0)
        assert biased[name].bytes - plain[name].bytes == 4 * extra
        assert biased[name].operations - plain[name].operations == extra


def test_conditioning_is_read_once_a_block() -> None:
    plain, conditioned = (
        cost.modules(replace(SMALL, local_channels=channels))["ahead"] for channels in (0, 7)
    )
    assert conditioned.bytes - plain.bytes == 4 * 2 * 6 * 7
    assert conditioned.bytes_ahead - plain.bytes_ahead == 4 * 2 * 6 * 7 / cost.BLOCK


@pytest.mark.parametrize(
    ("dilation", "reads"), [(1, 16), (2, 8), (3, 6), (5, 4), (15, 2), (16, 1), (512, 1)]
)
def test_past_taps_are_read_once_in_as_many_steps_as_their_input_is_known(
    dilation: int, reads: int
) -> None:
    work = cost.modules(replace(SMALL, dilations=(dilation,), kernel_size=3))["ahead"]
    assert work.bytes_ahead == pytest.approx(work.bytes * reads / 16)


def test_modules_are_what_the_engine_times() -> None:
    assert tuple(cost.modules(SMALL)) == ops_benchmark.WAVENET_MODULES


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"biases": ("input", "conv", "residual", "skip", "end"), "kernel_size": 3},
        {"local_channels": 5, "upsample_factors": (2, 3)},
        {"global_classes": 3, "global_channels": 4},
        {"input": "scalar", "output": "logistic_mixture", "classes": 0, "mixtures": 3},
        {"input": "scalar", "output": "gaussian", "classes": 0, "input_kernel_size": 4},
    ],
)
def test_all_parameters_are_counted(changes: dict[str, object]) -> None:
    config = replace(SMALL, **changes)  # type: ignore[arg-type]
    tensors = random_weights(config, 0).values()
    assert cost.total(config).parameters == sum(tensor.size for tensor in tensors)


def test_longer_blocks_read_less_and_compute_as_much() -> None:
    config = PRESETS["default"]
    works = [cost.total(config, block) for block in (1, 2, 4, 8, 16)]
    read = [work.bytes_ahead for work in works]
    assert read == sorted(read, reverse=True)
    assert read[0] == works[0].bytes
    assert len({work.operations for work in works}) == 1


def test_the_bound_is_the_larger_of_reading_and_computing() -> None:
    work = Work(operations=1000, bytes=4000.0, bytes_ahead=2000.0)
    reads_slowly = Rates(bytes_per_s=1e6, operations_per_s=1e9)
    assert reads_slowly.bound_s(work, ahead=False) == 4e-3
    assert reads_slowly.bound_s(work, ahead=True) == 2e-3
    computes_slowly = Rates(bytes_per_s=1e9, operations_per_s=1e3)
    assert computes_slowly.bound_s(work, ahead=True) == 1.0


def test_presets() -> None:
    default, small = PRESETS["default"], PRESETS["small"]
    assert default.dilations == doubling(10, 2)
    assert default.receptive_field == 2047
    assert (small.residual_channels, small.skip_channels, len(small.dilations)) == (32, 128, 10)
    assert cost.total(default).bytes == pytest.approx(3.47e6, rel=0.01)
