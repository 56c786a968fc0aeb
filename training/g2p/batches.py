"""Pairs of a word and one of its pronunciations, in batches of about equal length."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tfopt.evaluation.pronunciations import Listed
from tfopt.g2p.config import G2pConfig
from training.g2p.network import PADDING
from training.g2p.symbols import LONGEST

# What the longer side of a pair is padded to: few shapes, since compilers take their time for each. Keras on
# TensorFlow can loop over one length alone.
_ALL = LONGEST + 1
_LENGTHS = (
    (_ALL,) if keras.backend.backend() == "tensorflow" else (6, 7, 8, 9, 10, 11, 12, 14, 17, _ALL)
)
Ids = NDArray[np.int32]


class Batches(keras.utils.PyDataset):
    """Batches of pairs, drawn anew for each epoch from its number and the seed alone.

    A batch is `(inputs, targets, weights)`: inputs as `AttentionGru` takes them, targets one-hot float32
    [batch, steps, phonemes], weights 0 behind the end mark. All batches are full: those of one length are
    filled up with some of its pairs again.

    Attributes:
        epoch: Which epoch's batches are given.
    """

    def __init__(
        self, listed: Listed, config: G2pConfig, size: int, *, seed: int, unknown: float = 0.0
    ) -> None:
        """Args as above; `unknown` is the part of the letters that are read as the unknown grapheme."""
        super().__init__()
        self.epoch = 0
        self._config, self._size, self._seed, self._unknown = config, size, seed, unknown
        self._pairs = pairs(listed, config)
        longer = np.array([max(len(word), len(said)) for word, said in self._pairs])
        places = np.searchsorted(_LENGTHS, longer)
        self._groups = [np.flatnonzero(places == place) for place in range(len(_LENGTHS))]
        self._drawn: tuple[int, list[tuple[int, NDArray[np.int64]]]] = (-1, [])

    def __len__(self) -> int:
        return sum(-(-len(group) // self._size) for group in self._groups)

    def __getitem__(self, index: int) -> tuple[dict[str, Ids], Any, Any]:
        length, chosen = self._batches()[index]
        graphemes, phonemes = padded([self._pairs[i] for i in chosen], length, self._config)
        if self._unknown:
            random = np.random.default_rng((self._seed, self.epoch, index))
            letters = graphemes > self._config.vocabulary.end_grapheme
            unknown = letters & (random.random(graphemes.shape) < self._unknown)
            graphemes[unknown] = self._config.vocabulary.unknown_grapheme
        fed = np.roll(phonemes, 1, axis=1)
        fed[:, 0] = self._config.vocabulary.start_phoneme
        weights = (phonemes != PADDING).astype(np.float32)
        targets = np.eye(len(self._config.phonemes), dtype=np.float32)[np.maximum(phonemes, 0)]
        return {"graphemes": graphemes, "phonemes": np.maximum(fed, 0)}, targets, weights

    def _batches(self) -> list[tuple[int, NDArray[np.int64]]]:
        """Of this epoch, the padded length and the pairs of each batch."""
        epoch, batches = self._drawn
        if epoch != self.epoch:
            random = np.random.default_rng((self._seed, self.epoch))
            batches = []
            for length, group in zip(_LENGTHS, self._groups, strict=True):
                shape = (-(-len(group) // self._size), self._size)
                filled = np.resize(random.permutation(group), shape)
                batches += [(length, chosen) for chosen in filled]
            order = random.permutation(len(batches))
            batches = [batches[i] for i in order]
            self._drawn = (self.epoch, batches)
        return batches


def pairs(listed: Listed, config: G2pConfig) -> list[tuple[Ids, Ids]]:
    """Ids of graphemes and of phonemes, both with their end marks; without what is too long to train on."""
    vocabulary = config.vocabulary
    return [
        (
            vocabulary.encode(word),
            np.array([*vocabulary.phoneme_ids(said), vocabulary.end_phoneme], np.int32),
        )
        for word, pronunciations in listed.items()
        for said in pronunciations
        if len(word) <= LONGEST and len(said) <= LONGEST
    ]


def padded(chosen: list[tuple[Ids, Ids]], length: int, config: G2pConfig) -> tuple[Ids, Ids]:
    """Graphemes and phonemes, int32 [batch, length] each, `PADDING` behind their ends."""
    graphemes, phonemes = np.full((2, len(chosen), length), PADDING, np.int32)
    for row, (word, said) in enumerate(chosen):
        graphemes[row, : len(word)] = word
        phonemes[row, : len(said)] = said
    return graphemes, phonemes
