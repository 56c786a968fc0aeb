"""Makes tests/golden/fatchord_wavernn_*, with PyTorch, which nothing else here needs.

    python -m venv torch-venv && torch-venv/bin/pip install torch==2.13.0 numpy
    torch-venv/bin/python tools/make_fatchord_golden.py

See tests/golden/README.md for when to run it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import pad, relu

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
FRAMES, HOP = 7, 6
CONFIG: dict[str, Any] = {
    "rnn_dims": 5,
    "fc_dims": 6,
    "bits": 4,
    "pad": 2,
    "upsample_factors": [2, 3],
    "feat_dims": 3,
    "compute_dims": 7,
    "res_out_dims": 10,  # four parts of 2, and 2 that nobody reads
    "res_blocks": 2,
    "hop_length": HOP,
    "sample_rate": 8000,
}
AUX = 2


def main() -> None:
    """Writes all files."""
    torch.manual_seed(0)
    write(GOLDEN / "fatchord_wavernn_raw", {**CONFIG, "mode": "RAW", "mu_law": False}, 16)
    write(GOLDEN / "fatchord_wavernn_mol", {**CONFIG, "mode": "MOL"}, 30)


def write(folder: Path, config: dict[str, Any], outputs: int) -> None:
    """A model with the parameter names of fatchord/WaveRNN, and its outputs."""
    net = network(outputs)
    net.register_buffer("step", torch.tensor([1000]))
    for name, parameter in net.named_parameters():
        nn.init.normal_(parameter, 1.0 if "norm" in name else 0.0, 0.5)
    for name, statistic in net.named_buffers():
        if "running" in name:
            nn.init.uniform_(statistic, 0.2, 1.5)
    net.eval()
    mel, fed = torch.randn(3, FRAMES), torch.rand(FRAMES * HOP) * 2 - 1
    with torch.no_grad():
        bands, aux = upsample(net["upsample"], mel)
        logits = run(net, fed, bands, aux)
    folder.mkdir(exist_ok=True)
    torch.save(net.state_dict(), folder / "model.pt")
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    arrays = {"mel": mel, "fed": fed, "bands": bands, "aux": aux, "logits": logits}
    np.savez(folder / "io.npz", **{name: tensor.numpy() for name, tensor in arrays.items()})


def network(outputs: int) -> Any:
    """The modules, by their names."""
    c = CONFIG
    hidden, width, inner = c["rnn_dims"], c["fc_dims"], c["compute_dims"]

    def convolution(inputs: int, taps: int) -> Any:
        return nn.Conv1d(inputs, inner, taps, bias=False)

    def block() -> Any:
        return nn.ModuleDict(
            {f"conv{k}": convolution(inner, 1) for k in (1, 2)}
            | {f"batch_norm{k}": nn.BatchNorm1d(inner) for k in (1, 2)}
        )

    resnet = nn.ModuleDict(
        {
            "conv_in": convolution(c["feat_dims"], 2 * c["pad"] + 1),
            "batch_norm": nn.BatchNorm1d(inner),
            "layers": nn.ModuleList(block() for _ in range(c["res_blocks"])),
            "conv_out": nn.Conv1d(inner, c["res_out_dims"], 1),
        }
    )
    stages = {}
    for i, factor in enumerate(c["upsample_factors"]):
        # Between them stand layers without parameters.
        stages[str(2 * i + 1)] = nn.Conv2d(
            1, 1, (1, 2 * factor + 1), padding=(0, factor), bias=False
        )
    return nn.ModuleDict(
        {
            "upsample": nn.ModuleDict({"resnet": resnet, "up_layers": nn.ModuleDict(stages)}),
            "I": nn.Linear(1 + c["feat_dims"] + AUX, hidden),
            "rnn1": nn.GRU(hidden, hidden, batch_first=True),
            "rnn2": nn.GRU(hidden + AUX, hidden, batch_first=True),
            "fc1": nn.Linear(hidden + AUX, width),
            "fc2": nn.Linear(width + AUX, width),
            "fc3": nn.Linear(width, outputs),
        }
    )


def upsample(net: Any, mel: Any) -> tuple[Any, Any]:
    """Mel bands [time, bands] and the residual network's output [frames, res_out_dims]."""
    resnet, padding = net["resnet"], CONFIG["pad"]
    padded = pad(mel[None], (padding, padding))
    x = relu(resnet["batch_norm"](resnet["conv_in"](padded)))
    for block in resnet["layers"]:
        inner = relu(block["batch_norm1"](block["conv1"](x)))
        x = x + block["batch_norm2"](block["conv2"](inner))
    aux = resnet["conv_out"](x)[0].T
    image = padded[None]
    for factor, stage in zip(CONFIG["upsample_factors"], net["up_layers"].values(), strict=True):
        image = stage(image.repeat_interleave(factor, dim=-1))
    return image[0, 0, :, padding * HOP : -padding * HOP].T, aux


def run(net: Any, fed: Any, bands: Any, aux: Any) -> Any:
    """The network over all of the time at once: [time, outputs]."""
    parts = aux.repeat_interleave(HOP, dim=0).split(AUX, dim=-1)
    x = net["I"](torch.cat([fed[:, None], bands, parts[0]], -1))
    x = x + net["rnn1"](x[None])[0][0]
    x = x + net["rnn2"](torch.cat([x, parts[1]], -1)[None])[0][0]
    x = relu(net["fc1"](torch.cat([x, parts[2]], -1)))
    return net["fc3"](relu(net["fc2"](torch.cat([x, parts[3]], -1))))


if __name__ == "__main__":
    main()
