"""Writes a SavedModel whose `serve` signature takes words as strings."""

from __future__ import annotations

import os
from typing import Any

import tensorflow as tf

from tfopt import saved_model
from tfopt.g2p import loops
from tfopt.g2p.config import G2pConfig
from tfopt.g2p.networks import Network
from tfopt.g2p.vocabulary import DROPPED, TABLE_SIZE, Vocabulary
from tfopt.tensors import Tensor


def write(
    network: Network, config: G2pConfig, directory: str | os.PathLike[str], *, replace: bool
) -> None:
    """Exports the `graph` rung with its vocabulary.

    Signature `serve` (also `serving_default`):
        words: string [batch], UTF-8, each pronounced as a whole, as an item of a sequence given to
            `G2p.predict` is. White space inside a word, which `predict` refuses, is dropped.
        → phonemes: string [batch, max_phonemes], empty behind the last phoneme;
          lengths: int32 [batch], the number of phonemes.

    The graph holds constants only: no variables, tables or assets have to be initialised.

    Raises:
        ValueError: `directory` exists and `replace` is false, or it is not a SavedModel.
    """
    vocabulary = config.vocabulary

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="words")])
    def serve(words: Tensor) -> dict[str, Tensor]:
        ids, lengths, readable = _encode(vocabulary, words)
        phonemes = loops.thinning_greedy_loop(
            network, vocabulary, config.max_phonemes, ids, lengths
        )
        ended = (phonemes == vocabulary.end_phoneme) | ~readable[:, tf.newaxis]
        spoken = tf.cumsum(tf.cast(ended, tf.int32), axis=1) == 0
        return {
            "phonemes": tf.where(spoken, tf.gather(list(vocabulary.phonemes), phonemes), ""),
            "lengths": tf.reduce_sum(tf.cast(spoken, tf.int32), axis=1),
        }

    saved_model.write(serve, "serve", directory, replace=replace)


def _encode(vocabulary: Vocabulary, words: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """`Vocabulary.encode` in the graph.

    Returns:
        ids: int32 [batch, time]; lengths: int32 [batch]; readable: bool [batch], false for a word that has
        no letter of the alphabet. Such a word is a lone end mark in `ids`.
    """
    codes: Any = tf.strings.unicode_decode(words, "UTF-8")  # ragged [batch, time]
    ids = codes.with_values(tf.gather(vocabulary.table, tf.minimum(codes.values, TABLE_SIZE - 1)))
    ids = tf.ragged.boolean_mask(ids, ids != DROPPED)
    letters = ids.with_values(tf.cast(ids.values != vocabulary.unknown_grapheme, tf.int32))
    readable = tf.reduce_sum(letters, axis=1) > 0
    ids = tf.ragged.boolean_mask(ids, _spread(readable, ids))
    end = tf.fill([tf.shape(words)[0], 1], vocabulary.end_grapheme)
    ids = tf.concat([ids, end], axis=1)
    if vocabulary.max_graphemes:
        ids = ids[:, : vocabulary.max_graphemes]
    padded = ids.to_tensor()
    # The networks want a column even where there is no row.
    padded = tf.pad(padded, [[0, 0], [0, tf.maximum(1 - tf.shape(padded)[1], 0)]])
    return padded, tf.cast(ids.row_lengths(), tf.int32), readable


def _spread(rows: Tensor, ragged: Any) -> Any:
    """One value a row, repeated for each of the row's items: ragged [batch, time]."""
    return ragged.with_values(tf.repeat(rows, ragged.row_lengths()))
