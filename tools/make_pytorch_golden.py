"""Makes tests/golden/pytorch_*, with PyTorch, which nothing else here needs.

    python -m venv torch-venv && torch-venv/bin/pip install torch==2.13.0 numpy
    torch-venv/bin/python tools/make_pytorch_golden.py

See tests/golden/README.md for when to run it.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import one_hot, pad

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
CONFIG = {
    "layers": 2,
    "blocks": 2,
    "dilation_channels": 5,
    "residual_channels": 3,
    "skip_channels": 7,
    "end_channels": 6,
    "classes": 11,
    "kernel_size": 3,
    "bias": True,
}
DILATIONS = (1, 2, 1, 2)


def main() -> None:
    """Writes all files."""
    torch.manual_seed(0)
    write_wavenet(GOLDEN / "pytorch_wavenet")
    write_tensors()


def write_wavenet(folder: Path) -> None:
    """A model with the parameter names of vincentherrmann/pytorch-wavenet, and its outputs."""
    c = CONFIG
    residual, gate, skip = c["residual_channels"], c["dilation_channels"], c["skip_channels"]

    def stack(inputs: int, outputs: int, taps: int = 1) -> Any:
        return nn.ModuleList(nn.Conv1d(inputs, outputs, taps) for _ in DILATIONS)

    net = nn.ModuleDict(
        {
            "start_conv": nn.Conv1d(c["classes"], residual, 1),
            "residual_convs": stack(gate, residual),
            "skip_convs": stack(gate, skip),
            "end_conv_1": nn.Conv1d(skip, c["end_channels"], 1),
            "end_conv_2": nn.Conv1d(c["end_channels"], c["classes"], 1),
            "filter_convs": stack(residual, gate, c["kernel_size"]),
            "gate_convs": stack(residual, gate, c["kernel_size"]),
        }
    )
    for parameter in net.parameters():
        nn.init.normal_(parameter, std=0.7)
    ids = torch.randint(c["classes"], (50,))
    with torch.no_grad():
        outputs = logits(net, ids)
    folder.mkdir(exist_ok=True)
    torch.save(net.state_dict(), folder / "model.pt")
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=1) + "\n")
    np.savez(folder / "io.npz", ids=ids.numpy(), logits=outputs.numpy())


def logits(net: Any, ids: Any) -> Any:
    """The network over all of the time at once, zeros standing before it: [time, classes]."""
    x = net["start_conv"](one_hot(ids, CONFIG["classes"]).float().T[None])
    total: Any = 0
    for i, dilation in enumerate(DILATIONS):
        convolve = nn.functional.conv1d
        past = pad(x, ((CONFIG["kernel_size"] - 1) * dilation, 0))
        halves = [
            convolve(past, layer.weight, layer.bias, dilation=dilation)
            for layer in (net["filter_convs"][i], net["gate_convs"][i])
        ]
        z = halves[0].tanh() * halves[1].sigmoid()
        total = total + net["skip_convs"][i](z)
        x = x + net["residual_convs"][i](z)
    return net["end_conv_2"](net["end_conv_1"](total.relu()).relu())[0].T


def write_tensors() -> None:
    """Tensors of every type and layout, and the file formats that are refused."""
    numbers = torch.arange(12.0)
    tensors = OrderedDict(
        contiguous=numbers.reshape(3, 4),
        transposed=numbers.reshape(3, 4).T,
        part=numbers.reshape(3, 4)[1:, ::2],
        scalar=torch.tensor(0.5),
        empty=torch.zeros(0, 3),
        half=numbers.half() / 4,
        bfloat16=numbers.bfloat16() / 4,
        double=numbers.double() / 3,
        long=torch.arange(-3, 3),
        parameter=nn.Parameter(torch.ones(2)),
    )
    torch.save(tensors, GOLDEN / "pytorch_tensors.pt")
    torch.save(tensors, GOLDEN / "pytorch_tensors_protocol4.pt", pickle_protocol=4)
    torch.save(
        {"a": torch.ones(2)},
        GOLDEN / "pytorch_before_1.6.pt",
        _use_new_zipfile_serialization=False,
    )
    torch.save(nn.Linear(1, 1), GOLDEN / "pytorch_module.pt")


if __name__ == "__main__":
    main()
