"""The networks with one custom op for each GRU cell, in place of TensorFlow's dozen."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tfopt import ops
from tfopt.g2p import gru
from tfopt.g2p.attention_gru import AttentionGru
from tfopt.g2p.config import G2pConfig
from tfopt.g2p.networks import Network
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor


def build(config: G2pConfig, weights: Weights) -> Network:
    """The network of a config."""
    if config.architecture == "gru":
        return gru.Gru(config, weights, cell=_gru_cell)
    return FusedAttentionGru(config, weights)


def _gru_cell(weights: Weights, side: str) -> gru.Cell:
    table, kernel, candidate_bias = gru.split(weights, side)
    recurrent = _Recurrent(kernel)

    def cell(symbols: Tensor, h: Tensor) -> Tensor:
        return recurrent.step(tf.gather(table, symbols), h, candidate_bias, reset_after=True)

    return cell


class FusedAttentionGru(AttentionGru):
    """`AttentionGru` whose three cells are one op each."""

    def __init__(self, config: G2pConfig, weights: Weights) -> None:
        super().__init__(config, weights)
        sides = ("encoder.forward", "encoder.backward", "decoder")
        *self._directions, self._decoder = (
            _Recurrent(weights[f"{side}.recurrent_kernel"]) for side in sides
        )
        self._from_attention = weights["decoder.input_kernel"][len(config.phonemes) :]
        self._no_bias = np.zeros(config.hidden, np.float32)  # it is in the tables

    def _encoder_cell(self, x: Tensor, h: Tensor) -> Tensor:
        return tf.stack(
            [
                direction.step(x[side], h[side], self._no_bias, reset_after=False)
                for side, direction in enumerate(self._directions)
            ]
        )

    def _decoder_cell(self, x: Tensor, attention: Tensor, h: Tensor) -> Tensor:
        x += attention @ self._from_attention
        return self._decoder.step(x, h, self._no_bias, reset_after=False)


class _Recurrent:
    """A recurrent kernel [hidden, 3 * hidden] (reset, update, candidate), packed."""

    def __init__(self, kernel: NDArray[np.float32]) -> None:
        hidden = len(kernel)
        # As arrays they become constants of whichever graph uses them.
        self._gates: Any = ops.pack_matrix(kernel[:, : 2 * hidden]).numpy()
        self._candidate: Any = ops.pack_matrix(kernel[:, 2 * hidden :]).numpy()

    def step(self, x: Tensor, h: Tensor, bias: NDArray[np.float32], *, reset_after: bool) -> Tensor:
        return ops.gru_cell(self._gates, self._candidate, x, h, bias, reset_after=reset_after)
