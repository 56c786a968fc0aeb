"""The word error rate on words that are not trained on, after each epoch."""

from __future__ import annotations

import keras
import numpy as np

from tfopt.evaluation.pronunciations import Listed
from tfopt.g2p.config import G2pConfig
from training.g2p.batches import padded, pairs
from training.g2p.symbols import LONGEST

NAME = "val_words_wrong"


class WordErrors(keras.callbacks.Callback):
    """Adds to an epoch's figures the part of the words that greedy decoding pronounces as nobody lists them.

    It needs no decoding: the most likely phoneme is at every step that of a pronunciation, all of whose
    phonemes are fed, exactly if greedy decoding gives this pronunciation.
    """

    def __init__(self, listed: Listed, config: G2pConfig) -> None:
        super().__init__()
        chosen = [pairs({word: said}, config) for word, said in listed.items()]
        chosen = [of_word for of_word in chosen if of_word]
        self._words = np.repeat(np.arange(len(chosen)), list(map(len, chosen)))
        flat = [pair for of_word in chosen for pair in of_word]
        self._graphemes, self._phonemes = padded(flat, LONGEST + 1, config)
        self._start = config.vocabulary.start_phoneme
        self._wrong = float("nan")

    def on_test_begin(self, logs: dict[str, float] | None = None) -> None:
        """Counts, with the weights that are validated."""
        fed = np.maximum(np.roll(self._phonemes, 1, axis=1), 0)
        fed[:, 0] = self._start
        logits = self.model.predict(
            {"graphemes": self._graphemes, "phonemes": fed}, batch_size=256, verbose=0
        )
        same = (logits.argmax(-1) == self._phonemes) | (self._phonemes < 0)
        right = np.zeros(self._words.max() + 1, bool)
        np.logical_or.at(right, self._words, same.all(1))
        self._wrong = 1 - float(right.mean())

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Adds it."""
        if logs is not None:
            logs[NAME] = self._wrong
