"""A loaded grapheme-to-phoneme model."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tfopt import compute_types, model_directory
from tfopt.compute_types import DEFAULT_COMPUTE_TYPE
from tfopt.g2p import backends, batches, export, loops, networks
from tfopt.g2p.config import G2pConfig
from tfopt.g2p.text import as_words
from tfopt.g2p.vocabulary import pad


class G2p:
    """Grapheme-to-phoneme conversion with one model on one backend. Made by `tfopt.g2p.load`.

    Safe to use from several threads at a time.

    Attributes:
        config: The model's settings.
        backend: The name of the backend.
        compute_type: What the products with its weights are computed in; of `"auto"` what that chose.
    """

    def __init__(
        self,
        config: G2pConfig,
        weights: model_directory.Weights,
        backend: str,
        *,
        compute_type: str = DEFAULT_COMPUTE_TYPE,
    ) -> None:
        self.config = config
        self.backend = backend
        self.compute_type = compute_types.chosen(compute_type, backend, config.quantization)
        self._vocabulary = config.vocabulary
        self._model = networks.Model(config, weights, self.compute_type)
        self._backend = backends.BACKENDS[backend](self._model)
        self._teacher_forced = tf.function(
            lambda ids, lengths, fed: loops.teacher_forced(self._model.network, ids, lengths, fed),
            input_signature=[
                tf.TensorSpec([None, None], tf.int32),
                tf.TensorSpec([None], tf.int32),
                tf.TensorSpec([None, None], tf.int32),
            ],
        )

    def predict(self, words: str | Sequence[str]) -> list[list[str]]:
        """Pronounces words.

        Args:
            words: A word, a text, or a sequence of words: see `tfopt.g2p.predict`, where all is said.

        Returns:
            The phonemes of each word, in the order given.

        Raises:
            ValueError: `words` is neither a string nor a sequence of strings, or an item of the sequence
                has white space inside it.
        """
        items = as_words(words)
        result: list[list[str]] = [[] for _ in items]
        if len(items) < batches.MANY and all(len(item) < batches.GRAPHEMES for item in items):
            few = {
                i: ids for i, word in enumerate(items) if len(ids := self._vocabulary.encode(word))
            }
            if few:
                phonemes = self._backend.decode(*pad(list(few.values())))
                for i, row in zip(few, phonemes.tolist(), strict=True):
                    result[i] = self._vocabulary.decode(row)
            return result
        encoded = batches.encode(self._vocabulary, items)
        for batch in encoded.batches(self._backend.batch):
            phonemes = self._backend.decode(*encoded.padded(batch))
            for i, word in zip(
                batch.tolist(), batches.decode(self._vocabulary, phonemes), strict=True
            ):
                result[i] = word
        return result

    def logits(
        self, words: Sequence[str], phonemes: Sequence[Sequence[str]]
    ) -> list[NDArray[np.float32]]:
        """Teacher-forced logits, for scoring and for comparing implementations.

        TensorFlow computes them, whatever the backend, and in float32, whatever the compute type.

        Args:
            words: Words, each with at least one letter of the model's alphabet.
            phonemes: For each word the phonemes that are fed, whatever the model would have said.

        Returns:
            For each word float32 [1 + its phonemes, phonemes of the vocabulary]. Row t is the output after
            the start mark and the first t phonemes were fed.

        Raises:
            ValueError: A word has no letter, a phoneme is not in the vocabulary, or the two arguments differ
                in length.
        """
        items = as_words(words) if not isinstance(words, str) else [words]
        if isinstance(words, str) or not _is_list_of_lists(phonemes) or len(phonemes) != len(items):
            raise ValueError(
                f"phonemes: expected one sequence for each of {len(items)} words in a list, "
                f"got {phonemes!r:.80}"
            )
        encoded = [self._vocabulary.encode(word) for word in items]
        if not all(map(len, encoded)):
            raise ValueError(f"words: expected letters in each, got {items!r}")
        if not items:
            return []
        fed, lengths = pad(
            [
                np.array(
                    [self._vocabulary.start_phoneme, *self._vocabulary.phoneme_ids(p)], np.int32
                )
                for p in phonemes
            ]
        )
        rows = self._teacher_forced(*map(tf.constant, (*pad(encoded), fed))).numpy()
        return [row[:length] for row, length in zip(rows, lengths, strict=True)]

    def export(self, directory: str | os.PathLike[str], *, replace: bool = False) -> None:
        """Writes a SavedModel that takes strings and needs no tfopt (see `tfopt.g2p.export`).

        Args:
            directory: Where to write it; complete under a temporary name first, then renamed.
            replace: Replace `directory` if it exists.

        Raises:
            ValueError: `directory` exists and `replace` is false, or it is not a SavedModel.
        """
        export.write(self._model.network, self.config, directory, replace=replace)


def _is_list_of_lists(value: object) -> bool:
    return isinstance(value, Sequence) and all(
        isinstance(item, Sequence) and not isinstance(item, str) for item in value
    )
