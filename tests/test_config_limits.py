"""The largest widths, kernels and depths that configs allow are those that the engine allows."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import tensorflow as tf
from conftest import tiny_config

from tfopt import ops
from tfopt.g2p import config as g2p
from tfopt.wavenet import config as wavenet
from tfopt.wavenet.presets import PRESETS as WAVENETS
from tfopt.wavernn import config as wavernn
from tfopt.wavernn.presets import PRESETS as WAVERNNS

SPEAKERS = replace(WAVENETS["small"], features=None, global_classes=2, global_channels=2)
WAVERNN = replace(WAVERNNS["small"], features=None)
# For each network a config, and numbers of one that the op takes: a Gaussian WaveNet, a WaveRNN of classes.
CONFIGS: dict[str, tuple[Any, tuple[int, ...]]] = {
    "wavenet": (SPEAKERS, (1, 1, 1, 1, 2, 2, 0, 1, 2, 0, 1, 1, 0)),
    "wavernn": (WAVERNN, (1, 1, 1, 1, 1, 1, 0, 8, 0)),
    "mel_resnet": (WAVERNN, (1, 0, 1, 1, 1)),
    "g2p": (tiny_config("gru"), (0, 9, 7, 5, 11, 6, 0, 1)),
}
PACK: dict[str, Any] = {
    "wavenet": partial(ops.wavenet_pack, dilations=[1]),
    "wavernn": ops.wavernn_pack,
    "mel_resnet": ops.mel_resnet_pack,
    "g2p": ops.g2p_pack,
}
# Of each setting its place among those numbers.
SETTINGS = [
    ("wavenet", "residual_channels", 0, wavenet.LARGEST_CHANNELS),
    ("wavenet", "gate_channels", 1, wavenet.LARGEST_CHANNELS),
    ("wavenet", "skip_channels", 2, wavenet.LARGEST_CHANNELS),
    ("wavenet", "end_channels", 3, wavenet.LARGEST_CHANNELS),
    ("wavenet", "kernel_size", 5, wavenet.LARGEST_KERNEL),
    ("wavenet", "input_kernel_size", 7, wavenet.LARGEST_KERNEL),
    ("wavenet", "local_channels", 10, wavenet.LARGEST_CHANNELS),
    ("wavenet", "global_channels", 11, wavenet.LARGEST_CHANNELS),
    ("wavernn", "mel_channels", 0, wavernn.LARGEST),
    ("wavernn", "aux_channels", 1, wavernn.LARGEST),
    ("wavernn", "rnn_channels", 2, wavernn.LARGEST),
    ("wavernn", "fc_channels", 4, wavernn.LARGEST),
    ("wavernn", "bits", 7, wavernn.MOST_BITS),
    ("mel_resnet", "mel_channels", 0, wavernn.LARGEST),
    ("mel_resnet", "pad", 1, wavernn.LARGEST_PAD),
    ("mel_resnet", "resnet_channels", 2, wavernn.LARGEST),
    ("mel_resnet", "resnet_blocks", 3, wavernn.MOST_BLOCKS),
    ("g2p", "embedding", 3, g2p.LARGEST),
    ("g2p", "hidden", 4, g2p.LARGEST),
    ("g2p", "max_phonemes", 5, g2p.LARGEST),
]


def engine_says(pack: Any, config: Any) -> str:
    """Its error about a model without weights: first it looks at the config."""
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        pack([[]], config=config)
    return str(caught.value)


@pytest.mark.parametrize(("network", "name", "place", "most"), SETTINGS)
def test_a_size(network: str, name: str, place: int, most: int) -> None:
    settings, numbers = CONFIGS[network]
    refusal = rf": expected an integer from \d to {most}, got {most + 1}"
    assert "weights: expected" in engine_says(PACK[network], replaced(numbers, place, most))
    said = engine_says(PACK[network], replaced(numbers, place, most + 1))
    assert re.search(r"config: \w+" + refusal, said)
    replace(settings, **{name: most})
    with pytest.raises(ValueError, match=f"^{name}{refusal}$"):
        replace(settings, **{name: most + 1})


def replaced(numbers: tuple[int, ...], place: int, value: int) -> list[int]:
    return [*numbers[:place], value, *numbers[place + 1 :]]


def test_outputs_of_the_residual_network() -> None:
    widest = replace(WAVERNN, rnn_layers=2, fc_layers=2, aux_channels=wavernn.LARGEST)
    outputs, numbers = widest.aux_parts * widest.aux_channels, CONFIGS["mel_resnet"][1]
    pack = PACK["mel_resnet"]
    assert "weights: expected" in engine_says(pack, replaced(numbers, 4, outputs))
    said = engine_says(pack, replaced(numbers, 4, outputs + 1))
    assert f"outputs: expected an integer from 1 to {outputs}, got {outputs + 1}" in said


def wavenet_says(dilations: list[int]) -> tuple[str, str]:
    """What the engine and the config say of dilations; the config nothing if it takes them."""
    pack = partial(ops.wavenet_pack, dilations=dilations)
    said = engine_says(pack, CONFIGS["wavenet"][1])
    try:
        replace(SPEAKERS, dilations=tuple(dilations))
    except ValueError as error:
        return said, str(error)
    return said, ""


def test_dilations() -> None:
    layers, largest = wavenet.MOST_LAYERS, wavenet.LARGEST_DILATION
    for dilations in ([1] * layers, [largest]):
        engine, config = wavenet_says(dilations)
        assert "weights: expected" in engine
        assert not config
    engine, config = wavenet_says([1] * (layers + 1))
    assert f"number of dilations: expected an integer from 1 to {layers}" in engine
    assert config.startswith(f"dilations: expected 1 to {layers} of them")
    engine, config = wavenet_says([largest + 1])
    assert f"dilations: expected an integer from 1 to {largest}, got {largest + 1}" in engine
    assert config == f"dilations: expected an integer from 1 to {largest}, got {largest + 1}"
