"""A WaveNet in PyTorch, in float32 or dynamically quantized: without a cache, and with queues as one.

All its products are `torch.nn.Linear`, since that and recurrent cells are all that PyTorch quantizes
dynamically: a 1x1 convolution is one, and so is a dilated one of two taps, of both inputs side by side.
For configs of one-hot classes, two taps, biases in all layers but the input, and without conditioning.

PyTorch is none of tfopt's dependencies.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tfopt.model_directory import Weights
from tfopt.wavenet.config import WavenetConfig


class Network(torch.nn.Module):  # type: ignore[misc]
    """The layers, with tfopt's weights."""

    def __init__(self, config: WavenetConfig, weights: Weights) -> None:
        super().__init__()
        self.config = config
        table = torch.from_numpy(weights["input.kernel"][0])
        self.input = torch.nn.Embedding.from_pretrained(table)
        for part in ("conv", "residual", "skip"):
            names = [f"layers.{i}.{part}" for i in range(len(config.dilations))]
            setattr(self, part, torch.nn.ModuleList(_linear(weights, name) for name in names))
        self.end = torch.nn.ModuleList(_linear(weights, f"end.{i}") for i in range(2))

    def window(self, samples: torch.Tensor) -> torch.Tensor:
        """The logits [1, classes] behind the samples of a receptive field, [time]."""
        x, skip = self.input(samples), 0.0
        for i, dilation in enumerate(self.config.dilations):
            z = self._gated(i, x[:-dilation], x[dilation:])
            skip = skip + self.skip[i](z[-1:])
            x = x[dilation:] + self.residual[i](z)
        return self._logits(skip)

    def step(self, sample: torch.Tensor, queues: list[torch.Tensor], t: int) -> torch.Tensor:
        """The logits [1, classes] behind a sample, [1], the one of number t that is fed.

        `queues` holds for each layer as many of its latest inputs as its dilation, [dilation, residual].
        """
        x, skip = self.input(sample), 0.0
        for i, dilation in enumerate(self.config.dilations):
            place = t % dilation
            z = self._gated(i, queues[i][place : place + 1], x)
            queues[i][place] = x[0]
            skip = skip + self.skip[i](z)
            x = x + self.residual[i](z)
        return self._logits(skip)

    def _gated(self, layer: int, past: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        a, b = self.conv[layer](torch.cat([past, x], 1)).chunk(2, 1)
        return torch.tanh(a) * torch.sigmoid(b)

    def _logits(self, skip: torch.Tensor) -> torch.Tensor:
        return self.end[1](torch.relu(self.end[0](torch.relu(skip))))


def quantized(network: Network) -> Network:
    """The network with int8 weights, of a scale for each matrix, and inputs that are rounded as they come.

    These are PyTorch's defaults. The embedding, the biases and what is between the products stay float32.
    """
    small: Network = torch.ao.quantization.quantize_dynamic(
        network, {torch.nn.Linear}, dtype=torch.qint8
    )
    return small


def file_bytes(network: Network) -> int:
    """The size of the file in which `torch.save` keeps the weights."""
    file = io.BytesIO()
    torch.save(network.state_dict(), file)
    return len(file.getvalue())


def uncached(network: Network, prompt: NDArray[np.int64], samples: int) -> NDArray[Any]:
    """Goes on greedily from a prompt of a receptive field; each sample computes one anew."""
    seen = len(prompt)
    fed = torch.zeros(seen + samples, dtype=torch.int64)
    fed[:seen] = torch.from_numpy(prompt)
    with torch.inference_mode():
        for t in range(samples):
            fed[seen + t] = network.window(fed[t : seen + t]).argmax()
    return np.asarray(fed[seen:])


def cached(network: Network, samples: int) -> NDArray[Any]:
    """Goes on greedily from silence; what layers need of the past is kept in queues."""
    config = network.config
    drawn = []
    with torch.inference_mode():
        queues = [torch.zeros(dilation, config.residual_channels) for dilation in config.dilations]
        sample = torch.tensor([config.classes // 2])
        for t in range(samples):
            sample = network.step(sample, queues, t).argmax(1)
            drawn.append(sample)
    return np.asarray(torch.cat(drawn))


def _linear(weights: Weights, name: str) -> torch.nn.Linear:
    """A layer of a kernel [inputs, outputs] or [2, inputs, outputs], the earlier tap's inputs first."""
    kernel = weights[f"{name}.kernel"]
    matrix = kernel.reshape(-1, kernel.shape[-1])
    layer = torch.nn.Linear(*matrix.shape)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(matrix.T)))
        layer.bias.copy_(torch.from_numpy(weights[f"{name}.bias"]))
    return layer
