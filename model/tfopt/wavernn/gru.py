"""A gated recurrent unit as a TensorFlow function."""

from __future__ import annotations

import tensorflow as tf

from tfopt.tensors import Tensor


def gru(x_gates: Tensor, x_candidate: Tensor, recurrent: Tensor, h: Tensor) -> Tensor:
    """One step of a GRU (Cho et al. 2014) whose reset gate stands behind the product (PyTorch, cuDNN).

        r, z = σ(x_gates + recurrent's)
        n    = tanh(x_candidate + r ⊙ recurrent's)
        h    = (1 - z) ⊙ n + z ⊙ h

    Args:
        x_gates: What the input adds to reset and update gate, [batch, 2 * hidden].
        x_candidate: What the input adds to the candidate, [batch, hidden].
        recurrent: What the state adds to reset, update, candidate, [batch, 3 * hidden].
        h: The state, [batch, hidden].

    Returns:
        The next state, [batch, hidden].
    """
    hidden = x_candidate.shape[-1]
    h_gates, h_candidate = tf.split(recurrent, [2 * hidden, hidden], -1)
    r, z = tf.split(tf.sigmoid(x_gates + h_gates), 2, -1)
    n = tf.tanh(x_candidate + r * h_candidate)
    return n + z * (h - n)
