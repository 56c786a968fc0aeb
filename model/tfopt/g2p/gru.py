"""The network of g2p-en 2.x as TensorFlow functions: GRU encoder, GRU decoder."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tfopt.g2p.config import G2pConfig
from tfopt.g2p.tensors import Tensor, Tensors
from tfopt.model_directory import Weights


class Gru:
    """GRU encoder, GRU decoder (Cho et al. 2014), with PyTorch's convention for the reset gate.

    One step, with ⊙ the elementwise product:

        r, z = σ(Wx + Uh + b)
        n    = tanh(W_n x + b_n + r ⊙ (U_n h + c_n))
        h    = (1 - z) ⊙ n + z ⊙ h
    """

    def __init__(self, config: G2pConfig, weights: Weights) -> None:
        self._hidden = config.hidden
        self._output = weights["output.kernel"], weights["output.bias"]
        self._encoder = _GruSide(weights, "encoder")
        self._decoder = _GruSide(weights, "decoder")

    def encode(self, ids: Tensor, lengths: Tensor) -> Tensors:
        """Returns the state after each word's last symbol, [batch, hidden]."""

        def body(t: Tensor, h: Tensor) -> Tensors:
            new = self._encoder.cell(ids[:, t], h)
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
        h = self._decoder.cell(phonemes, state[0])
        kernel, bias = self._output
        return h @ kernel + bias, (h,)


class _GruSide:
    """One side's cell. The gates have kernels of their own: slicing their product copies it."""

    def __init__(self, weights: Weights, side: str) -> None:
        recurrent_bias = weights[f"{side}.recurrent_bias"]
        self._candidate_bias = np.split(recurrent_bias, 3)[2]
        # The reset gate multiplies the candidate's recurrent bias, so that alone stays out of the table.
        others = np.concatenate([*np.split(recurrent_bias, 3)[:2], 0 * self._candidate_bias])
        bias = weights[f"{side}.input_bias"] + others
        table = weights[f"{side}.embedding"] @ weights[f"{side}.input_kernel"] + bias
        self._tables = _gates(table)  # each [symbols, hidden]: all that a symbol adds to a gate
        self._kernels = _gates(weights[f"{side}.recurrent_kernel"])  # each [hidden, hidden]

    def cell(self, symbols: Tensor, h: Tensor) -> Tensor:
        """The state after one more symbol, int32 [batch]."""
        xr, xz, xn = (tf.gather(table, symbols) for table in self._tables)
        ur, uz, un = (h @ kernel for kernel in self._kernels)
        r, z = tf.sigmoid(xr + ur), tf.sigmoid(xz + uz)
        n = tf.tanh(xn + r * tf.nn.bias_add(un, self._candidate_bias))
        return n + z * (h - n)


def _gates(kernel: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The parts of a kernel that belong to the reset gate, the update gate and the candidate."""
    return [np.ascontiguousarray(part) for part in np.split(kernel, 3, axis=-1)]
