"""The network of g2p-en 2.x as TensorFlow functions: GRU encoder, GRU decoder."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tfopt.g2p.config import G2pConfig
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor, Tensors

# Symbols, int32 [batch], and states [batch, hidden] → the states after one more symbol each.
Cell = Callable[[Tensor, Tensor], Tensor]


class Gru:
    """GRU encoder, GRU decoder (Cho et al. 2014), with PyTorch's convention for the reset gate.

    One step, with ⊙ the elementwise product:

        r, z = σ(Wx + Uh + b)
        n    = tanh(W_n x + b_n + r ⊙ (U_n h + c_n))
        h    = (1 - z) ⊙ n + z ⊙ h
    """

    def __init__(
        self,
        config: G2pConfig,
        weights: Weights,
        cell: Callable[[Weights, str], Cell] | None = None,
    ) -> None:
        """Makes the network, whose cells `cell` makes of the weights and the side's name."""
        self._hidden = config.hidden
        self._output = weights["output.kernel"], weights["output.bias"]
        make = cell or _cell
        self._encoder = make(weights, "encoder")
        self._decoder = make(weights, "decoder")

    def encode(self, ids: Tensor, lengths: Tensor) -> Tensors:
        """Returns the state after each word's last symbol, [batch, hidden]."""

        def body(t: Tensor, h: Tensor) -> Tensors:
            new = self._encoder(ids[:, t], h)
            return t + 1, tf.where((t < lengths)[:, tf.newaxis], new, h)

        start = tf.zeros([tf.shape(ids)[0], self._hidden])
        _, h = tf.while_loop(
            lambda t, _: t < tf.reduce_max(lengths), body, (0, start), parallel_iterations=1
        )
        return (h,)

    def start(self, memory: Tensors) -> Tensors:
        """The encoder's last state."""
        return memory

    def step(self, phonemes: Tensor, state: Tensors, memory: Tensors) -> tuple[Tensor, Tensors]:
        """One decoder step; the memory is not looked at again."""
        del memory
        h = self._decoder(phonemes, state[0])
        kernel, bias = self._output
        return h @ kernel + bias, (h,)


def split(
    weights: Weights, side: str
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """What a cell computes with, the gates side by side (reset, update, candidate).

    Returns:
        table: [symbols, 3 * hidden], all that a symbol adds to the gates: embedding, input kernel, biases.
        kernel: [hidden, 3 * hidden], the recurrent one.
        candidate_bias: [hidden]. The reset gate multiplies it, so that it alone stays out of the table.
    """
    recurrent_bias = weights[f"{side}.recurrent_bias"]
    gates_bias, candidate_bias = np.split(recurrent_bias, [len(recurrent_bias) // 3 * 2])
    bias = weights[f"{side}.input_bias"] + np.concatenate([gates_bias, 0 * candidate_bias])
    table = weights[f"{side}.embedding"] @ weights[f"{side}.input_kernel"] + bias
    return table, weights[f"{side}.recurrent_kernel"], candidate_bias


def _cell(weights: Weights, side: str) -> Cell:
    """A side's cell. The gates have kernels of their own: slicing their product copies it."""
    table, kernel, candidate_bias = split(weights, side)
    tables, kernels = _gates(table), _gates(kernel)  # [symbols, hidden] and [hidden, hidden] each

    def cell(symbols: Tensor, h: Tensor) -> Tensor:
        xr, xz, xn = (tf.gather(table, symbols) for table in tables)
        ur, uz, un = (h @ kernel for kernel in kernels)
        r, z = tf.sigmoid(xr + ur), tf.sigmoid(xz + uz)
        n = tf.tanh(xn + r * tf.nn.bias_add(un, candidate_bias))
        return n + z * (h - n)

    return cell


def _gates(kernel: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The parts of a kernel that belong to the reset gate, the update gate and the candidate."""
    return [np.ascontiguousarray(part) for part in np.split(kernel, 3, axis=-1)]
