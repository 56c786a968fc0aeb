"""The rungs of the ladder: how the decoder's loop is driven. All of them compute the same function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tfopt import ops
from tfopt.cpu import available_cpus
from tfopt.g2p import fused as fused_networks
from tfopt.g2p import loops
from tfopt.g2p.networks import Model, Network
from tfopt.g2p.packing import pack
from tfopt.sessions import session
from tfopt.tensors import Tensor, Tensors

Ids = NDArray[np.int32]


@dataclass(frozen=True)
class Backend:
    """Turns encoded words into phonemes.

    Attributes:
        decode: Decodes one batch. Its arguments are graphemes, int32 [batch, time], batch and time at least
            1, and how many of each row count, int32 [batch], at least 1. Its result are phonemes, int32
            [batch, steps]; what stands behind a word's end mark does not matter.
        batch: Words that `decode` should get at a time. Where the graph waits for the longest word of a
            batch, more words wait for it in a larger one, and states and gates outgrow a core's L2.
    """

    decode: Callable[[Ids, Ids], Ids]
    batch: int = 128


def naive(model: Model) -> Backend:
    """One `session.run` a phoneme; encoder and decoder start from the beginning each time.

    This is what g2p-en 1.0.1 does: as many runs as a pronunciation may have phonemes, whatever the word.
    """
    network, vocabulary, steps = model.network, model.config.vocabulary, model.config.max_phonemes
    with tf.Graph().as_default() as graph:
        ids_in = tf.compat.v1.placeholder(tf.int32, [None, None])
        lengths_in = tf.compat.v1.placeholder(tf.int32, [None])
        fed_in = tf.compat.v1.placeholder(tf.int32, [None, steps])
        logits = loops.teacher_forced(network, ids_in, lengths_in, fed_in)
        best = tf.argmax(logits, -1, tf.int32)
    running = session(graph)

    def decode(ids: Ids, lengths: Ids) -> Ids:
        fed = np.full([len(ids), steps + 1], vocabulary.start_phoneme, np.int32)
        for t in range(steps):
            feed = {ids_in: ids, lengths_in: lengths, fed_in: fed[:, :-1]}
            fed[:, t + 1] = running.run(best, feed)[:, t]
        return fed[:, 1:]

    return Backend(decode)


def cached(model: Model) -> Backend:
    """The encoder once, then one call a phoneme, with the decoder's state carried from call to call."""
    network, vocabulary, steps = model.network, model.config.vocabulary, model.config.max_phonemes

    @tf.function(input_signature=_signature())
    def encode(ids: Tensor, lengths: Tensor) -> tuple[Tensors, Tensors]:
        memory = network.encode(ids, lengths)
        return memory, network.start(memory)

    @tf.function(reduce_retracing=True)
    def step(phonemes: Tensor, state: Tensors, memory: Tensors) -> tuple[Tensor, Tensors]:
        logits, state = network.step(phonemes, state, memory)
        return tf.argmax(logits, -1, tf.int32), state

    def decode(ids: Ids, lengths: Ids) -> Ids:
        memory, state = encode(tf.constant(ids), tf.constant(lengths))
        phonemes = tf.fill([len(ids)], vocabulary.start_phoneme)
        written: list[Ids] = []
        done = np.zeros(len(ids), bool)
        while len(written) < steps and not done.all():
            phonemes, state = step(phonemes, state, memory)
            written.append(phonemes.numpy())
            done |= written[-1] == vocabulary.end_phoneme
        return np.stack(written, axis=1)

    return Backend(decode)


def graph(model: Model) -> Backend:
    """The loop inside the graph (`tf.while_loop`): one call yields all phonemes of the batch."""
    return _graph(model, model.network)


def fused(model: Model) -> Backend:
    """`graph` with a custom op for each GRU cell in place of a dozen small ones."""
    return _graph(model, fused_networks.build(model.config, model.weights))


def _graph(model: Model, network: Network) -> Backend:
    vocabulary, steps = model.config.vocabulary, model.config.max_phonemes

    @tf.function(input_signature=_signature())
    def loop(ids: Tensor, lengths: Tensor) -> Tensor:
        return loops.thinning_greedy_loop(network, vocabulary, steps, ids, lengths)

    def decode(ids: Ids, lengths: Ids) -> Ids:
        result: Ids = loop(tf.constant(ids), tf.constant(lengths)).numpy()
        return result

    return Backend(decode)


def xla(model: Model) -> Backend:
    """`graph`, compiled by XLA.

    XLA compiles anew for every shape, so batches are filled up to 1, 8, 32, 128, … rows and words to
    32, 64, … graphemes. The loops still run only as long as the longest word, so that this costs little.
    """
    network, vocabulary, steps = model.network, model.config.vocabulary, model.config.max_phonemes

    @tf.function(jit_compile=True)
    def loop(ids: Tensor, lengths: Tensor) -> Tensor:
        return loops.greedy_loop(network, vocabulary, steps, ids, lengths)

    def decode(ids: Ids, lengths: Ids) -> Ids:
        batch, time = ids.shape
        rows = 1 if batch == 1 else _round_up(batch, 8, 4)
        columns = _round_up(time, 32, 2)
        ids = np.pad(ids, [(0, rows - batch), (0, columns - time)])
        lengths = np.pad(lengths, (0, rows - batch), constant_values=1)
        result: Ids = loop(tf.constant(ids), tf.constant(lengths)).numpy()
        return result[:batch]

    return Backend(decode)


def native(model: Model) -> Backend:
    """Encoder and decoder in one custom op; TensorFlow builds no graph.

    The op sorts its words by length and lets each go when it has ended, so it takes as many as there are.
    """
    packed = pack(model.config, model.weights, model.compute_type)
    threads = tf.config.threading.get_intra_op_parallelism_threads() or available_cpus()

    def decode(ids: Ids, lengths: Ids) -> Ids:
        words = tf.constant(ids), tf.constant(lengths)
        result: Ids = ops.g2p_decode(packed, *words, threads=threads).numpy()
        return result

    return Backend(decode, batch=8192)


BACKENDS: dict[str, Callable[[Model], Backend]] = {
    "naive": naive,
    "cached": cached,
    "graph": graph,
    "xla": xla,
    "fused": fused,
    "native": native,
}


def _signature() -> list[Any]:
    return [tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32)]


def _round_up(size: int, least: int, factor: int) -> int:
    """The smallest of `least`, `least * factor`, `least * factor²`, … that holds `size`."""
    while least < size:
        least *= factor
    return least
