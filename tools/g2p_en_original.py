"""The original implementations of g2p-en, run from its wheels: the yardstick for golden data and peers.

Version 1.0.1 is its own TF1 graph (`import_meta_graph`), driven as its `predict` drives it; version 2.1.0
is its own NumPy code. The pronouncing dictionary in front of both is left out.
"""

from __future__ import annotations

import sys
import tempfile
import types
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfopt import download
from tfopt.convert.g2p_en import PHONEMES
from tfopt.sources import SOURCES

Predict = Callable[[Sequence[str]], list[list[str]]]


def unpack(model: str, folder: Path) -> Path:
    """Fetches the wheel that a model comes from, and unpacks it into `folder`."""
    with zipfile.ZipFile(download.fetch(SOURCES[model], folder)) as archive:
        archive.extractall(folder)
    return folder / "g2p_en"


def tf1_graph() -> Predict:
    """g2p-en 1.0.1: 20 runs of the whole graph a batch, each fed the phonemes found so far."""
    import tensorflow as tf

    session = tf.compat.v1.Session(graph=tf.Graph())
    with tempfile.TemporaryDirectory() as name, session.graph.as_default():
        prefix = str(next((unpack("g2p_en-1.0.1", Path(name)) / "logdir").glob("*.meta")))[:-5]
        tf.compat.v1.train.import_meta_graph(prefix + ".meta").restore(session, prefix)
    graphemes = {letter: index for index, letter in enumerate("PEUabcdefghijklmnopqrstuvwxyz")}
    phonemes = ["<PAD>", "<EOS>", *PHONEMES]

    def predict(words: Sequence[str]) -> list[list[str]]:
        x = np.zeros((len(words), 20), np.int32)
        for row, word in zip(x, words, strict=True):
            ids = [graphemes.get(letter, graphemes["U"]) for letter in (word + "E")[:20]]
            row[: len(ids)] = ids
        y = np.zeros_like(x)
        for step in range(20):
            y[:, step] = session.run("ToInt32:0", {"grapheme:0": x, "phoneme:0": y})[:, step]
        texts = [[phonemes[index] for index in row] for row in y]
        return [text[: text.index("<EOS>")] if "<EOS>" in text else text for text in texts]

    return predict


def numpy_code() -> Predict:
    """g2p-en 2.1.0: `G2p.predict`, word by word."""
    # Its module reads NLTK's corpora when it is imported. `predict` uses none of them.
    for name in ("nltk", "nltk.corpus", "nltk.tokenize", "inflect"):
        stub: Any = types.ModuleType(name)
        stub.pos_tag = None
        stub.cmudict = types.SimpleNamespace(dict=dict)
        stub.data = types.SimpleNamespace(find=lambda _: None)
        stub.TweetTokenizer = lambda: types.SimpleNamespace(tokenize=None)
        stub.engine = lambda: None
        sys.modules[name] = stub
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, str(unpack("g2p_en-2.1.0", Path(folder)).parent))
        from g2p_en.g2p import G2p

        predict = G2p().predict
        sys.path.pop(0)
    return lambda words: [predict(word) for word in words]
