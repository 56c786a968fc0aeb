"""A WaveRNN in PyTorch, run as its users run it, beside tfopt's backends, in turns in one process.

    pip install torch     # its build for CPUs, which pytorch.org says how to get, is enough
    taskset -c 0 python benchmarks/wavernn_peers.py small --out results/wavernn_peers_small.json
    taskset -c 0 python benchmarks/wavernn_peers.py default --out results/wavernn_peers_default.json

Random weights, batch 1, float32, one thread, greedy (so that no one's way of drawing counts). "PyTorch loop"
is the generation loop of fatchord/WaveRNN: two GRU cells and the layers around them, called from Python for
each sample, on concatenated inputs. "PyTorch script" is that loop compiled by TorchScript. Both are given
what conditions each sample, made beforehand; tfopt makes it in the time that is measured. Every way's samples
are compared with the reference's before anything is timed: each has to be what the reference says after the
same samples, but for near-ties.

PyTorch is none of tfopt's dependencies.
"""

# ruff: noqa: E402 (threads are set before NumPy is imported)
from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from pathlib import Path
from typing import Any

import click
import numpy as np
import peers
from numpy.typing import NDArray
from peers import Way

from tfopt import mu_law, wavernn
from tfopt.model_directory import Weights
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.presets import PRESETS
from tfopt.wavernn.random_weights import random_weights
from tfopt.wavernn.reference import Reference


def tfopt(config: WavernnConfig, weights: Weights, backend: str, mel: NDArray[np.float32]) -> Way:
    """One of tfopt's backends."""
    net = wavernn.Wavernn(config, weights, backend, 1)

    def generate() -> NDArray[Any]:
        (audio,) = net.generate(mel[np.newaxis], temperature=0.0)
        return mu_law.encode(audio, config.classes)

    return generate


def pytorch(
    config: WavernnConfig, weights: Weights, mel: NDArray[np.float32], *, script: bool
) -> Way:
    """The loop in PyTorch, eager or compiled by TorchScript."""
    import torch

    torch.set_num_threads(1)
    torch.set_grad_enabled(mode=False)

    class Network(torch.nn.Module):  # type: ignore[misc]
        """The step, with PyTorch's own GRU cells and linear layers."""

        def __init__(self) -> None:
            super().__init__()
            aux, units, width = config.aux_channels, config.rnn_channels, config.fc_channels
            self.input = torch.nn.Linear(1 + config.mel_channels + aux, units)
            self.rnn1 = torch.nn.GRUCell(units, units)
            self.rnn2 = torch.nn.GRUCell(units + aux, units)
            self.fc1 = torch.nn.Linear(units + aux, width)
            self.fc2 = torch.nn.Linear(width + aux, width)
            self.output = torch.nn.Linear(width, config.outputs)
            self.units, self.largest = units, config.classes - 1

        def forward(self, mels: torch.Tensor, aux: torch.Tensor) -> torch.Tensor:
            """Generates a sample for every row of `mels` [time, mel] and `aux` [time, 4, aux]."""
            x = torch.zeros(1, 1)
            h1, h2 = torch.zeros(1, self.units), torch.zeros(1, self.units)
            drawn = []
            for t in range(mels.shape[0]):
                a = aux[t]
                y = self.input(torch.cat([x, mels[t : t + 1], a[0:1]], 1))
                h1 = self.rnn1(y, h1)
                y = y + h1
                h2 = self.rnn2(torch.cat([y, a[1:2]], 1), h2)
                y = y + h2
                y = torch.relu(self.fc1(torch.cat([y, a[2:3]], 1)))
                y = torch.relu(self.fc2(torch.cat([y, a[3:4]], 1)))
                sample = self.output(y).argmax(1)
                drawn.append(sample)
                x = (2.0 * sample.float() / self.largest - 1.0).unsqueeze(1)
            return torch.cat(drawn)

    def tensor(name: str, *, turned: bool = False) -> torch.Tensor:
        array = weights[name].T if turned else weights[name]
        return torch.from_numpy(np.ascontiguousarray(array))

    network = Network()
    for layer, name in (
        (network.input, "input"),
        (network.fc1, "fc.0"),
        (network.fc2, "fc.1"),
        (network.output, "output"),
    ):
        layer.weight.copy_(tensor(f"{name}.kernel", turned=True))
        layer.bias.copy_(tensor(f"{name}.bias"))
    for cell, name in ((network.rnn1, "rnn.0"), (network.rnn2, "rnn.1")):
        cell.weight_ih.copy_(tensor(f"{name}.kernel", turned=True))
        cell.bias_ih.copy_(tensor(f"{name}.bias"))
        cell.weight_hh.copy_(tensor(f"{name}.recurrent", turned=True))
        cell.bias_hh.copy_(tensor(f"{name}.recurrent_bias"))
    rows, frames = Reference(config, weights).upsample(mel)
    mels = torch.from_numpy(np.ascontiguousarray(rows))
    aux = torch.from_numpy(np.repeat(frames, config.hop_length, axis=0))
    run = torch.jit.script(network) if script else network
    return lambda: run(mels, aux).numpy()


@click.command()
@click.argument("size", type=click.Choice(sorted(PRESETS)))
@click.option(
    "--frames", default=8, show_default=True, type=click.IntRange(min=1), help="A timing."
)
@click.option("--rounds", default=9, show_default=True, type=click.IntRange(min=3))
@click.option(
    "--backend",
    "backends",
    multiple=True,
    default=("graph", "xla", "fused", "native"),
    show_default=True,
    type=click.Choice(wavernn.BACKENDS),
    help="Of tfopt; repeatable.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Write the timings to this JSON file.")
def main(size: str, frames: int, rounds: int, backends: tuple[str, ...], out: Path | None) -> None:
    """Compare PyTorch's loop with tfopt's backends on a WaveRNN of SIZE."""
    config = PRESETS[size]
    weights = random_weights(config, 0)
    shape = (frames, config.mel_channels)
    mel = np.random.default_rng(0).standard_normal(shape, np.float32)
    ways: dict[str, Way] = {
        "PyTorch loop": pytorch(config, weights, mel, script=False),
        "PyTorch script": pytorch(config, weights, mel, script=True),
        **{f"tfopt {backend}": tfopt(config, weights, backend, mel) for backend in backends},
    }
    samples = frames * config.hop_length
    reference, uniforms = Reference(config, weights), np.zeros([samples, config.uniforms])
    peers.judge(ways, lambda given: reference.differences(given, uniforms, mel, 0.0))
    seconds = peers.in_turns(ways, rounds)
    rates = peers.rates(seconds, samples)
    slowest = rates["PyTorch loop"]
    for name, rate in rates.items():
        print(f"{name:16} {rate:10,.0f} samples/s, {rate / slowest:.1f} times PyTorch's loop")
    if out:
        packages = ("tensorflow", "torch", "numpy")
        peers.write(out, f"wavernn-{size}", packages, samples, seconds)


if __name__ == "__main__":
    main()
