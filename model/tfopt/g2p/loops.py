"""The decoder's loop as part of a graph: greedy, greedy with ended words leaving, and teacher-forced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from tfopt.g2p.networks import Network
from tfopt.g2p.vocabulary import Vocabulary
from tfopt.tensors import Tensor, Tensors


@dataclass(frozen=True)
class Words:
    """Words being decoded, one a row. All tensors start with the dimension [words].

    Attributes:
        done: bool, whether a word has ended.
        phonemes: int32, the phoneme to feed next.
        written: int32 [words, steps], the phonemes so far, filled up with the end mark.
        memory: What the encoder left.
        state: The decoder's.
    """

    done: Tensor
    phonemes: Tensor
    written: Tensor
    memory: Tensors
    state: Tensors


def greedy_loop(
    network: Network, vocabulary: Vocabulary, steps: int, ids: Tensor, lengths: Tensor
) -> Tensor:
    """Encoder and decoder as one graph: the loop ends when every word has, at the latest after `steps`.

    All shapes stay as they are, as XLA wants it.

    Returns:
        Phonemes, int32 [batch, steps], filled up with the end mark.
    """
    words = _begin(network, vocabulary, steps, ids, lengths)
    return _decode_until(network, vocabulary, steps, 0, words, 0)[1].written


def thinning_greedy_loop(
    network: Network, vocabulary: Vocabulary, steps: int, ids: Tensor, lengths: Tensor
) -> Tensor:
    """`greedy_loop` for a batch whose words end at different times.

    Whenever a quarter of the words left has ended, they leave the batch. A loop around the decoder's loop
    does this, so that a step costs no more than before.
    """
    words = _begin(network, vocabulary, steps, ids, lengths)
    batch = tf.shape(ids)[0]
    result = tf.fill([batch, steps], vocabulary.end_phoneme)
    memory_parts = len(words.memory)

    def unfinished(t: Tensor, result: Tensor, rows: Tensor, *_: Tensor) -> Tensor:
        return (t < steps) & (tf.size(rows) > 0)

    def body(t: Tensor, result: Tensor, rows: Tensor, *tensors: Tensor) -> Tensors:
        phonemes, written, *others = tensors
        memory, state = tuple(others[:memory_parts]), tuple(others[memory_parts:])
        words = Words(tf.zeros_like(phonemes, tf.bool), phonemes, written, memory, state)
        left = tf.size(rows) * 3 // 4
        t, words = _decode_until(network, vocabulary, steps, t, words, left)
        result = tf.tensor_scatter_nd_update(result, rows[:, tf.newaxis], words.written)
        keep = tf.where(~words.done)[:, 0]
        tensors = (rows, words.phonemes, words.written, *words.memory, *words.state)
        return t, result, *(tf.gather(tensor, keep) for tensor in tensors)

    tensors = (tf.range(batch), words.phonemes, words.written, *words.memory, *words.state)
    invariants = [tf.TensorShape([None, *tensor.shape[1:]]) for tensor in tensors]
    return tf.while_loop(
        unfinished,
        body,
        (0, result, *tensors),
        shape_invariants=(tf.TensorShape([]), result.shape, *invariants),
        parallel_iterations=1,
    )[1]


def _begin(
    network: Network, vocabulary: Vocabulary, steps: int, ids: Tensor, lengths: Tensor
) -> Words:
    memory = network.encode(ids, lengths)
    batch = tf.shape(ids)[0]
    return Words(
        done=tf.zeros([batch], tf.bool),
        phonemes=tf.fill([batch], vocabulary.start_phoneme),
        written=tf.fill([batch, steps], vocabulary.end_phoneme),
        memory=memory,
        state=network.start(memory),
    )


def _decode_until(
    network: Network, vocabulary: Vocabulary, steps: int, t: Tensor, words: Words, left: Tensor
) -> tuple[Tensor, Words]:
    """Decodes from step `t` until at most `left` words have not ended; returns the step reached."""
    columns = tf.range(steps)

    def unfinished(t: Tensor, done: Tensor, *_: Tensor) -> Tensor:
        return (t < steps) & (tf.math.count_nonzero(~done, dtype=tf.int32) > left)

    def body(t: Tensor, done: Tensor, phonemes: Tensor, written: Tensor, *state: Tensor) -> Tensors:
        logits, state = network.step(phonemes, state, words.memory)
        phonemes = tf.argmax(logits, -1, tf.int32)
        done |= phonemes == vocabulary.end_phoneme
        here = (columns == t) & ~done[:, tf.newaxis]  # [batch, steps]
        written = tf.where(here, phonemes[:, tf.newaxis], written)
        return t + 1, done, phonemes, written, *state

    t, done, phonemes, written, *state = tf.while_loop(
        unfinished,
        body,
        (t, words.done, words.phonemes, words.written, *words.state),
        parallel_iterations=1,
    )
    return t, Words(done, phonemes, written, words.memory, tuple(state))


def teacher_forced(network: Network, ids: Tensor, lengths: Tensor, fed: Tensor) -> Tensor:
    """Logits [batch, steps, phonemes] of a decoder that is fed given phonemes, int32 [batch, steps]."""
    memory = network.encode(ids, lengths)
    steps = tf.shape(fed)[1]
    rows = tf.TensorArray(tf.float32, size=steps)

    def body(t: Tensor, rows: Any, *state: Tensor) -> Tensors:
        logits, state = network.step(fed[:, t], state, memory)
        return t + 1, rows.write(t, logits), *state

    _, rows, *_ = tf.while_loop(
        lambda t, *_: t < steps, body, (0, rows, *network.start(memory)), parallel_iterations=1
    )
    return tf.transpose(rows.stack(), [1, 0, 2])
