"""What a sample of a WaveRNN costs, with sizes that can be counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tfopt import ops_benchmark
from tfopt.roofline import Work
from tfopt.wavernn import cost
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.presets import PRESETS
from tfopt.wavernn.random_weights import random_weights

# GRUs of 3, fc of 5; 7 mel bands, parts of aux of 2; 8 classes; frames of 6 samples.
SMALL = WavernnConfig(
    sample_rate=8000,
    mel_channels=7,
    upsample_factors=(2, 3),
    pad=1,
    resnet_channels=4,
    resnet_blocks=1,
    aux_channels=2,
    rnn_channels=3,
    fc_channels=5,
    output="categorical",
    bits=3,
)
SPLIT = replace(SMALL, output="split", bits=9)
MIXTURE = replace(SMALL, output="logistic_mixture", bits=0, mixtures=3, rnn_layers=1, fc_layers=1)
CONFIGS = pytest.mark.parametrize(
    "config", [SMALL, SPLIT, MIXTURE], ids=["categorical", "split", "mixture"]
)


def test_every_layer_before_hoisting_by_hand() -> None:
    works = cost.before(SMALL)
    weights = {
        "input": (1 + 7 + 2) * 3,
        "gru 1": 3 * 9 + 3 * 9,
        "gru 2": (3 + 2) * 9 + 3 * 9,
        "fc 1": (3 + 2) * 5,
        "fc 2": (5 + 2) * 5,
        "output": 5 * 8,
    }
    biases = {"input": 3, "gru 1": 18, "gru 2": 18, "fc 1": 5, "fc 2": 5, "output": 8}
    assert list(works) == list(weights)
    for name, work in works.items():
        assert work.parameters == weights[name] + biases[name]
        assert work.operations == 2 * weights[name] + biases[name]
        assert work.bytes == work.bytes_ahead == 4 * work.parameters
        assert work.functions == (9 if "gru" in name else 0)


def test_every_layer_after_hoisting_by_hand() -> None:
    works = cost.after(SMALL)
    step = {  # weights, sums
        "input": (3, 3),  # the sample's column
        "gru 1": (9 + 3 * 9, 9 + 9),  # the column through it; recurrent
        "gru 2": (2 * 3 * 9, 2 * 9),
        "fc 1": (3 * 5, 5),
        "fc 2": (5 * 5, 5),
        "output": (5 * 8, 8),
    }
    block = {
        "input": (7 * 3, 3),
        "gru 1": (7 * 9, 9),
    }  # mel rows through the input layer, and the GRU's
    frame = {  # aux
        "input": (2 * 3, 3),
        "gru 1": (2 * 9, 9),
        "gru 2": (2 * 9, 9),
        "fc 1": (2 * 5, 5),
        "fc 2": (2 * 5, 5),
    }
    for name, work in works.items():
        assert _counts(work.step) == step[name]
        assert _counts(work.block, 16) == block.get(name, (0, 0))
        assert _counts(work.frame, 6, 6) == frame.get(name, (0, 0))


def test_what_every_module_reads_by_hand() -> None:
    ahead = (7 * 3 + 3 + 7 * 9 + 9) / 16 + (2 * 3 + 3 + 2 * 9 + 9) / 6
    frame = (2 * 9 + 9 + 2 * (2 * 5 + 5)) / 6  # of the other layers
    read = {"ahead": ahead, "frame": frame, "sample": 3 + 3 + 9 + 9, "gru 1": 3 * 9 + 9}
    for name, numbers in read.items():
        assert cost.modules(SMALL)[name].bytes_ahead == pytest.approx(4 * numbers)


def _counts(work: Work, reads: int = 1, shares: int = 1) -> tuple[int, int]:
    """Weights and sums of a part that is read once in `reads` samples and computed once in `shares`."""
    numbers = work.bytes / 4
    assert work.bytes_ahead == pytest.approx(work.bytes / reads)
    weights = work.operations * shares - numbers
    return round(weights), round(numbers - weights)


@CONFIGS
def test_modules_are_the_layers_cut_another_way(config: WavernnConfig) -> None:
    layers = [layer.total for layer in cost.after(config).values()]
    modules = cost.modules(config)
    assert sum(one.operations for one in modules.values()) == pytest.approx(
        sum(one.operations for one in layers)
    )
    assert sum(one.bytes_ahead for one in modules.values()) == pytest.approx(
        cost.total(config).bytes_ahead
    )
    assert sum(one.functions for one in modules.values()) == cost.total(config).functions
    assert set(modules) <= set(ops_benchmark.WAVERNN_MODULES)
    for name, has in (("gru 2", config.rnn_layers), ("fc 2", config.fc_layers)):
        assert (name in modules) == (has == 2)
    assert ("fine" in modules) == (config.output == "split")


@CONFIGS
def test_all_parameters_are_counted(config: WavernnConfig) -> None:
    tensors = random_weights(config, 0)
    assert cost.total(config).parameters == sum(tensor.size for tensor in tensors.values())
    over_frames = sum(
        tensor.size for name, tensor in tensors.items() if name.startswith(("upsample", "resnet"))
    )
    layers = sum(work.parameters for work in cost.before(config).values())
    assert layers == cost.total(config).parameters - over_frames


@CONFIGS
def test_hoisting_computes_less_in_the_step_and_reads_less(config: WavernnConfig) -> None:
    plain = sum(work.operations for work in cost.before(config).values())
    waiting = sum(layer.step.operations for layer in cost.after(config).values())
    total = cost.total(config)
    assert waiting < total.operations
    assert waiting < plain
    assert total.bytes == total.bytes_ahead < sum(w.bytes for w in cost.before(config).values())


def test_longer_blocks_and_frames_read_less() -> None:
    read = [cost.total(SMALL, block).bytes_ahead for block in (1, 2, 4, 8, 16)]
    assert read == sorted(read, reverse=True)
    longer = replace(SMALL, upsample_factors=(20, 30))
    assert cost.total(longer).bytes_ahead < read[-1]


def test_presets() -> None:
    """fatchord's own sizes have 16.3 MB of weights that a sample runs through, and read 12.7 MB of them."""
    default, small = PRESETS["default"], PRESETS["small"]
    for config, weights, read in ((default, 16.32e6, 12.67e6), (small, 1.329e6, 1.006e6)):
        every = sum(work.bytes for work in cost.before(config).values())
        assert every == pytest.approx(weights, rel=0.001)
        assert cost.total(config).bytes == pytest.approx(read, rel=0.001)
    assert cost.total(default).operations == pytest.approx(6.635e6, rel=0.001)
    for config, fewer in ((default, 0.15), (small, 0.41)):
        before, after = cost.before(config), cost.after(config)
        plain = sum(before[name].operations for name in cost.FULLY_CONNECTED)
        waiting = sum(after[name].step.operations for name in cost.FULLY_CONNECTED)
        assert np.isclose(1 - waiting / plain, fewer, atol=0.005)
