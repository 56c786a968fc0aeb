"""A WaveRNN's weights as its hoisted step uses them: what can be multiplied or added beforehand, is.

The input layer's output is x = s V + b, with s what is fed and b what mel and aux add, biases included. The
first GRU multiplies it by its kernel K: x K = s V K + b K. V K is one matrix, and so is what gives b K of mel
and aux. So this product, one of the step's largest, is not made at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfopt.model_directory import Weights
from tfopt.wavernn.config import WavernnConfig

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Gru:
    """One GRU.

    Attributes:
        kernel: [rnn_channels, 3 * rnn_channels]; None of the first, which is folded into the input layer.
        recurrent: [rnn_channels, 3 * rnn_channels].
        candidate_bias: [3 * rnn_channels], zero but for the candidate: the reset gate multiplies that part of
            the recurrent bias, so that it alone cannot be added beforehand.
    """

    kernel: Array | None
    recurrent: Array
    candidate_bias: Array


@dataclass(frozen=True)
class Folded:
    """All layers up to the last fully connected one.

    Attributes:
        fed: What is fed adds to x and, through the first GRU's kernel, to its gates:
            [fed_back, 4 * rnn_channels].
        mel: The same of the mel bands, [mel_channels, 4 * rnn_channels].
        aux: What each part of aux adds, [aux_channels, width]: to x and the first GRU's gates
            (4 * rnn_channels), to the second one's (3 * rnn_channels), to each fully connected layer
            (fc_channels).
        biases: What is added to that, [width] each.
        grus: The GRUs.
        fc: The fully connected layers' kernels, [rnn_channels or fc_channels, fc_channels].
    """

    fed: Array
    mel: Array
    aux: list[Array]
    biases: list[Array]
    grus: list[Gru]
    fc: list[Array]


def fold(config: WavernnConfig, weights: Weights) -> Folded:
    """Folds the weights of a config.

    Raises:
        ValueError: What is folded is more than float32 can hold.
    """
    hidden = config.rnn_channels

    def added(a: Array, b: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):  # told below
            return a + b

    def parts(name: str, *widths: int) -> list[Array]:
        """A layer's kernel, cut by its inputs."""
        return np.split(weights[f"{name}.kernel"], np.cumsum(widths)[:-1])

    grus, gates_biases = [], []
    for i in range(config.rnn_layers):
        recurrent_bias = weights[f"rnn.{i}.recurrent_bias"].copy()
        candidate_bias = np.zeros_like(recurrent_bias)
        candidate_bias[2 * hidden :] = recurrent_bias[2 * hidden :]
        kernel = weights[f"rnn.{i}.kernel"][:hidden] if i else None
        grus.append(Gru(kernel, weights[f"rnn.{i}.recurrent"], candidate_bias))
        gates_biases.append(added(weights[f"rnn.{i}.bias"], recurrent_bias - candidate_bias))

    first = weights["rnn.0.kernel"]
    fed, mel, aux = parts("input", config.fed_back, config.mel_channels, config.aux_channels)
    auxes = [_behind(aux, first)]
    biases = [_behind(weights["input.bias"], first)]
    biases[0][hidden:] = added(biases[0][hidden:], gates_biases[0])
    if config.rnn_layers == 2:
        auxes.append(weights["rnn.1.kernel"][hidden:])
        biases.append(gates_biases[1])
    fc = []
    for i in range(config.fc_layers):
        width = config.fc_channels if i else hidden
        kernel, aux = parts(f"fc.{i}", width, config.aux_channels)
        fc.append(kernel)
        auxes.append(aux)
        biases.append(weights[f"fc.{i}.bias"])
    folded = Folded(_behind(fed, first), _behind(mel, first), auxes, biases, grus, fc)
    for rows in (folded.fed, folded.mel, *auxes, *biases):
        if not np.isfinite(rows).all():
            raise ValueError(
                "weights: expected biases, and products of input.kernel and rnn.0.kernel, that add up to "
                "what float32 can hold, got NaN or infinity"
            )
    return folded


def _behind(x: Array, kernel: Array) -> Array:
    """X with what it becomes behind a kernel at its side; rounded once."""
    product = x.astype(np.float64) @ kernel.astype(np.float64)
    with np.errstate(over="ignore"):  # told above
        return np.concatenate([x, product.astype(np.float32)], -1)
