"""The network of g2p-en 1.x as TensorFlow functions: bidirectional GRU encoder, decoder with attention."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tfopt.g2p.config import G2pConfig
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor, Tensors


class AttentionGru:
    """Bidirectional GRU encoder; GRU decoder with attention whose output is fed back as an input.

    The cells follow TensorFlow 1's `GRUCell` (r ⊙ h before its product), the attention Bahdanau et al.
    2015, the feeding back Luong et al. 2015 (`AttentionWrapper`). One decoder step:

        h        = GRU([phoneme, a], h)
        s_t      = v · tanh(keys_t + Q h)            for each grapheme t of the word
        a        = A [h, Σ softmax(s)_t memory_t]
        logits   = O a + b
    """

    def __init__(self, config: G2pConfig, weights: Weights) -> None:
        self._weights = weights
        self._hidden = hidden = config.hidden
        self._phonemes = len(config.phonemes)
        # Both directions side by side, so that one loop runs them.
        sides = ("encoder.forward", "encoder.backward")
        self._encoder_tables = np.stack(
            [weights[f"{s}.input_kernel"] + weights[f"{s}.bias"] for s in sides]
        )  # [2, graphemes, 3 * hidden]
        recurrent = np.stack([weights[f"{s}.recurrent_kernel"] for s in sides])
        self._encoder_gates = recurrent[..., : 2 * hidden]  # [2, hidden, 2 * hidden]
        self._encoder_candidate = recurrent[..., 2 * hidden :]  # [2, hidden, hidden]

        kernel = weights["decoder.input_kernel"]
        self._decoder_table = kernel[: self._phonemes] + weights["decoder.bias"]
        attention, recurrent = kernel[self._phonemes :], weights["decoder.recurrent_kernel"]
        # [attention, h] → reset and update gates, and the candidate's share of the attention
        self._decoder_gates = np.block(
            [
                [attention[:, : 2 * hidden], attention[:, 2 * hidden :]],
                [recurrent[:, : 2 * hidden], np.zeros([hidden, hidden], np.float32)],
            ]
        )  # [2 * hidden, 3 * hidden]
        self._decoder_candidate = recurrent[:, 2 * hidden :]
        output = weights["attention.output_kernel"]
        # h → query, and the state's share of the attention's output
        self._from_state = np.concatenate(
            [weights["attention.query_kernel"], output[:hidden]], axis=1
        )  # [hidden, 2 * hidden]
        # memory → keys, and what each place adds to the attention's output if attended to
        self._from_memory = np.concatenate(
            [weights["attention.memory_kernel"], output[hidden:]], axis=1
        )  # [2 * hidden, 2 * hidden]

    def encode(self, ids: Tensor, lengths: Tensor) -> Tensors:
        """Returns keys and values, [batch, time, hidden] each, and the score mask, [batch, time].

        The mask is 0 inside a word and -inf behind its end.
        """
        hidden = self._hidden
        batch, time = tf.shape(ids)[0], tf.shape(ids)[1]
        last = tf.maximum(tf.reduce_max(lengths), 1) - 1  # an empty batch, too, has one column
        outputs = [tf.TensorArray(tf.float32, size=time, element_shape=[None, hidden])] * 2

        def body(t: Tensor, h: Tensor, forward: Any, backward: Any) -> Tensors:
            places = (t, last - t)  # the backward direction starts at the end
            # Gathered, not sliced: XLA would compile a slice anew for every length.
            symbols = tf.stack([tf.gather(ids, place, axis=1) for place in places])  # [2, batch]
            new = self._encoder_cell(tf.gather(self._encoder_tables, symbols, batch_dims=1), h)
            inside = tf.stack(places)[:, tf.newaxis] < lengths  # [2, batch]
            h = tf.where(inside[..., tf.newaxis], new, h)  # [2, batch, hidden]
            return t + 1, h, forward.write(t, h[0]), backward.write(last - t, h[1])

        # The loop fills every row up to `last`. Rows behind it keep the arrays' zeros.
        _, _, *outputs = tf.while_loop(
            lambda t, *_: t <= last,
            body,
            (0, tf.zeros([2, batch, hidden]), *outputs),
            parallel_iterations=1,
        )
        inside = tf.sequence_mask(lengths, time)  # [batch, time]
        memory = tf.transpose(tf.concat([a.stack() for a in outputs], -1), [1, 0, 2])
        memory = tf.where(inside[..., tf.newaxis], memory, 0.0)
        projected = tf.reshape(
            tf.reshape(memory, [-1, 2 * hidden]) @ self._from_memory, [batch, time, 2 * hidden]
        )
        mask = tf.where(inside, 0.0, -np.inf)
        return projected[..., :hidden], projected[..., hidden:], mask

    def start(self, memory: Tensors) -> Tensors:
        """Attention and GRU state, both zero."""
        zeros = tf.zeros([tf.shape(memory[0])[0], self._hidden])
        return zeros, zeros

    def step(self, phonemes: Tensor, state: Tensors, memory: Tensors) -> tuple[Tensor, Tensors]:
        """One decoder step."""
        attention, h = state
        keys, values, mask = memory
        hidden = self._hidden
        h = self._decoder_cell(tf.gather(self._decoder_table, phonemes), attention, h)
        projected = h @ self._from_state  # [batch, 2 * hidden]
        energies = tf.tanh(keys + projected[:, tf.newaxis, :hidden])  # [batch, time, hidden]
        scores = (
            tf.reshape(energies, [-1, hidden]) @ self._weights["attention.score"][:, np.newaxis]
        )
        scores = tf.reshape(scores, tf.shape(mask)) + mask
        alignment = tf.nn.softmax(scores)[..., tf.newaxis]  # [batch, time, 1]
        attention = projected[:, hidden:] + tf.reduce_sum(alignment * values, 1)
        logits = attention @ self._weights["output.kernel"] + self._weights["output.bias"]
        return logits, (attention, h)

    # A cell is TensorFlow 1's GRU: r, z = σ(x + U h); n = tanh(x_n + U_n (r ⊙ h)); h' = n + z ⊙ (h - n).

    def _encoder_cell(self, x: Tensor, h: Tensor) -> Tensor:
        """Both directions' new states, [2, batch, hidden], from x with its biases, [2, batch, 3 * hidden]."""
        hidden = self._hidden
        rz = tf.sigmoid(x[..., : 2 * hidden] + _product(h, self._encoder_gates))
        candidate = _product(rz[..., :hidden] * h, self._encoder_candidate)
        n = tf.tanh(x[..., 2 * hidden :] + candidate)
        return n + rz[..., hidden:] * (h - n)

    def _decoder_cell(self, x: Tensor, attention: Tensor, h: Tensor) -> Tensor:
        """The new state, [batch, hidden], where x, [batch, 3 * hidden], still lacks the attention's share."""
        hidden = self._hidden
        x += tf.concat([attention, h], -1) @ self._decoder_gates
        rz = tf.sigmoid(x[:, : 2 * hidden])
        n = tf.tanh(x[:, 2 * hidden :] + (rz[:, :hidden] * h) @ self._decoder_candidate)
        return n + rz[:, hidden:] * (h - n)


def _product(rows: Tensor, kernels: NDArray[np.float32]) -> Tensor:
    """One product a direction: a batched product would be spread over threads, however small it is."""
    return tf.stack([rows[side] @ kernel for side, kernel in enumerate(kernels)])
