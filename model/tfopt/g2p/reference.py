"""The slow, obvious implementation: NumPy, one word at a time, the equations as published.

Every backend is measured against it. It imports no TensorFlow.

Sources: Cho et al. 2014 (GRU), Bahdanau et al. 2015 (attention), Luong et al. 2015 (input feeding); the
gate conventions are those of PyTorch's `GRU` (`gru`) and TensorFlow 1's `GRUCell` and `AttentionWrapper`
(`attention_gru`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tfopt import model_directory
from tfopt.g2p.config import G2pConfig, read
from tfopt.reference_layers import gru, sigmoid

Vector = NDArray[np.float32]
Step = Callable[[int], Vector]  # the phoneme fed → logits [phonemes]; keeps its state between calls

# Two float32 implementations may order two logits differently when the logits are closer than this,
# relative to the largest of them: the sum of some hundred products, each rounded to 6e-8.
NEAR_TIE = 1e-4


class Reference:
    """A grapheme-to-phoneme model in NumPy."""

    def __init__(self, config: G2pConfig, weights: model_directory.Weights) -> None:
        self.config = config
        self.vocabulary = config.vocabulary
        self.weights = weights

    def predict(self, words: Sequence[str]) -> list[list[str]]:
        """The pronunciation of each word: the most likely phoneme at every step."""
        return [self.vocabulary.decode(i for i, _ in self._greedy(word)) for word in words]

    def logits(self, word: str, phonemes: Sequence[str]) -> NDArray[np.float32]:
        """Teacher-forced logits, float32 [1 + len(phonemes), phonemes of the vocabulary].

        Row t is the output after the start mark and `phonemes[:t]` were fed.
        """
        step = self._start(word)
        fed = [self.vocabulary.start_phoneme, *self.vocabulary.phoneme_ids(phonemes)]
        return np.stack([step(phoneme) for phoneme in fed])

    def difference(self, word: str, given: Sequence[str]) -> float:
        """How far `given` is from what this model says, measured where the two part.

        Returns:
            0 if they are equal, else the gap between the best logit and that of the phoneme given, at the
            first step where they differ, relative to the largest logit. Less than `NEAR_TIE` means that
            rounding can explain the difference. Infinity if `given` could not come from this model.
        """
        if not set(given) <= set(self.vocabulary.phonemes):
            return float("inf")
        ids = [*self.vocabulary.phoneme_ids(given), self.vocabulary.end_phoneme]
        for (best, logits), index in zip(self._greedy(word), ids, strict=False):
            if best != index:
                return float((logits[best] - logits[index]) / np.abs(logits).max())
        return 0.0 if len(self.predict([word])[0]) == len(given) else float("inf")

    def _greedy(self, word: str) -> Iterator[tuple[int, Vector]]:
        """Phoneme id and logits of each step, up to and with the end mark."""
        if not len(self.vocabulary.encode(word)):
            return
        step, phoneme = self._start(word), self.vocabulary.start_phoneme
        for _ in range(self.config.max_phonemes):
            logits = step(phoneme)
            phoneme = int(logits.argmax())
            yield phoneme, logits
            if phoneme == self.vocabulary.end_phoneme:
                return

    def _start(self, word: str) -> Step:
        ids = self.vocabulary.encode(word)
        return (
            _gru(self.weights, ids)
            if self.config.architecture == "gru"
            else _attention_gru(self.weights, ids)
        )


def load(model: str | os.PathLike[str]) -> Reference:
    """Loads a model by name or path (see `tfopt.models.find`)."""
    return Reference(*read(model))


def _gru(weights: model_directory.Weights, ids: NDArray[np.int32]) -> Step:
    """GRU encoder whose last state is the first state of a GRU decoder."""

    def cell(side: str, symbol: int, h: Vector) -> Vector:
        of = partial(_named, weights, side)
        x = of("embedding")[symbol] @ of("input_kernel") + of("input_bias")
        return gru(x, h, of("recurrent_kernel"), of("recurrent_bias"))

    h = np.zeros(weights["encoder.recurrent_kernel"].shape[0], np.float32)
    for symbol in ids:
        h = cell("encoder", symbol, h)

    def step(phoneme: int) -> Vector:
        nonlocal h
        h = cell("decoder", phoneme, h)
        logits: Vector = h @ weights["output.kernel"] + weights["output.bias"]
        return logits

    return step


def _attention_gru(weights: model_directory.Weights, ids: NDArray[np.int32]) -> Step:
    """Bidirectional GRU encoder; GRU decoder with Bahdanau attention, its output fed back as an input."""

    def cell(side: str, x: Vector, h: Vector) -> Vector:
        of = partial(_named, weights, side)
        wr, wz, wn = np.split(of("input_kernel"), 3, -1)
        ur, uz, un = np.split(of("recurrent_kernel"), 3, -1)
        br, bz, bn = np.split(of("bias"), 3)
        r, z = sigmoid(x @ wr + h @ ur + br), sigmoid(x @ wz + h @ uz + bz)
        new: Vector = z * h + (1 - z) * np.tanh(x @ wn + (r * h) @ un + bn)
        return new

    hidden = len(weights["attention.score"])
    memory = np.zeros((len(ids), 2 * hidden), np.float32)
    places = np.arange(len(ids))
    for side, order, half in (
        ("encoder.forward", places, slice(None, hidden)),
        ("encoder.backward", places[::-1], slice(hidden, None)),
    ):
        h = np.zeros(hidden, np.float32)
        for place in order:
            h = cell(side, _one_hot(ids[place], len(weights[f"{side}.input_kernel"])), h)
            memory[place, half] = h
    keys = memory @ weights["attention.memory_kernel"]

    h = np.zeros(hidden, np.float32)
    attention = np.zeros(hidden, np.float32)
    phonemes = len(weights["output.bias"])

    def step(phoneme: int) -> Vector:
        nonlocal h, attention
        h = cell("decoder", np.concatenate([_one_hot(phoneme, phonemes), attention]), h)
        query = h @ weights["attention.query_kernel"]
        scores = np.tanh(keys + query) @ weights["attention.score"]  # [graphemes]
        alignment = np.exp(scores - scores.max())
        context = (alignment / alignment.sum()) @ memory
        attention = np.concatenate([h, context]) @ weights["attention.output_kernel"]
        logits: Vector = attention @ weights["output.kernel"] + weights["output.bias"]
        return logits

    return step


def _named(weights: model_directory.Weights, side: str, name: str) -> Vector:
    return weights[f"{side}.{name}"]


def _one_hot(index: int, size: int) -> Vector:
    vector = np.zeros(size, np.float32)
    vector[index] = 1
    return vector
