"""What is pruned is what the engine leaves out: blocks of the packed model, counted by the engine."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
import wavenet_models
import wavernn_models
from conftest import random_weights, tiny_config, write_model

from tfopt import model_directory, wavenet, wavernn
from tfopt.g2p.config import read as read_g2p
from tfopt.g2p.packing import pack as pack_g2p
from tfopt.pruning import prune
from tfopt.wavenet.config import read as read_wavenet
from tfopt.wavenet.packing import pack as pack_wavenet
from tfopt.wavernn.config import read as read_wavernn
from tfopt.wavernn.packing import pack as pack_wavernn

# Widths that no block fits, and matrices large enough to lose some.
WAVENET = {"residual_channels": 20, "gate_channels": 19, "skip_channels": 33, "end_channels": 41}
WAVERNN = {"rnn_channels": 21, "fc_channels": 35}
_KINDS: dict[str, tuple[Any, Any]] = {
    "wavenet": (read_wavenet, pack_wavenet),
    "wavernn": (read_wavernn, pack_wavernn),
    "g2p": (read_g2p, pack_g2p),
}


def write(directory: Path, name: str) -> Path:
    kind, _, which = name.partition(": ")
    if kind == "g2p":
        small = tiny_config(which, hidden=37)
        return write_model(directory, small, random_weights(small))
    config: Any
    if kind == "wavenet":
        settings = wavenet_models.MODELS[which] | WAVENET
        config = wavenet.WavenetConfig.from_dict(settings, which)
        weights = wavenet.random_weights(config, seed=1)
    else:
        settings = wavernn_models.MODELS[which] | WAVERNN
        config = wavernn.WavernnConfig.from_dict(settings, which)
        weights = wavernn.random_weights(config, seed=1)
    model_directory.write(directory, kind=kind, config=config.to_dict(), weights=weights, card="")
    return directory


def stored_blocks(model: Path, compute_type: str) -> list[int]:
    """Of each matrix of the packed model how many blocks are stored, -1 if all are."""
    read, pack = _KINDS[model_directory.read_settings(model)["kind"]]
    packed = pack(*read(model), compute_type).numpy().tobytes()
    integers = struct.unpack_from("<500i", packed, 32)  # behind sizes and kind
    matrices = integers[1]  # behind the type
    return list(integers[2 : 2 + 2 * matrices : 2])


@pytest.mark.parametrize(
    ("name", "dense"),
    [
        ("wavenet: everything", 0),
        ("wavenet: mixture, frames", 0),
        ("wavernn: split", 1),  # the product of two kernels, for mel
        ("wavernn: mixture, one of each", 1),
        ("g2p: gru", 0),
        ("g2p: attention_gru", 0),
    ],
)
@pytest.mark.parametrize(
    ("block", "compute_type"), [("16x1", "float32"), ("16x1", "bfloat16"), ("8x4", "int8")]
)
def test_the_engine_stores_what_is_left(
    tmp_path: Path, name: str, dense: int, block: str, compute_type: str
) -> None:
    model, out = write(tmp_path / "model", name), tmp_path / "sparse"
    counts = prune(model, out, density=0.3, block=block)
    blocks = stored_blocks(out, compute_type)
    assert blocks.count(-1) == dense
    assert sum(blocks) + dense == sum(count.kept for count in counts.values())
    for count in counts.values():
        matrices = 3  # of a tensor, at most: each rounds by half a block
        assert abs(count.kept - 0.3 * count.all) <= 0.5 * matrices
