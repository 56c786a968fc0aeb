"""Grapheme-to-phoneme conversion: from spelling to pronunciation.

from tfopt import g2p

g2p.predict("aardvark")                      # the default model, on the default backend
net = g2p.load("g2p_en-1.0.1", backend="xla")
net.predict(["speech", "synthesis"])
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfopt import loading
from tfopt.compute_types import DEFAULT_COMPUTE_TYPE
from tfopt.g2p.config import read

if TYPE_CHECKING:
    from tfopt.g2p.model import G2p

__all__ = ["BACKENDS", "DEFAULT_BACKEND", "DEFAULT_MODEL", "G2p", "load", "predict"]

BACKENDS = ("naive", "cached", "graph", "xla", "fused", "native")
# The fastest, for one word and for many.
DEFAULT_BACKEND = "native"
# The better of the two: fewer of its words and phonemes are wrong on CMUdict.
DEFAULT_MODEL = "g2p_en-2.1.0"

_default: G2p | None = None
_loading = threading.Lock()


def load(
    model: str | os.PathLike[str] = DEFAULT_MODEL,
    *,
    backend: str = DEFAULT_BACKEND,
    threads: int | None = None,
    compute_type: str = DEFAULT_COMPUTE_TYPE,
) -> G2p:
    """Loads a model.

    Args:
        model: The name of an installed model, or a path to a model directory.
        backend: How it runs; every backend computes the same function.
            `"naive"`: one `session.run` a phoneme, everything recomputed. `"cached"`: the encoder once,
            one call a phoneme. `"graph"`: the loop inside the graph, one call a batch. `"xla"`: the same,
            compiled; each new batch size and word length costs a compilation of a second or more once.
            `"fused"`: `"graph"` with a custom op for each GRU cell. `"native"`: all of it in one custom op.
            The last two need the library of ops (see `tfopt.ops`), which XLA cannot compile.
        threads: Threads for TensorFlow, in the whole process, and for `"native"`; by default the CPUs that
            the process may use. Can only be chosen before TensorFlow's first operation, whatever the backend.
        compute_type: What `"native"` multiplies in: `"float32"`, `"bfloat16"`, `"int16"`, `"int8"`,
            `"int8_static"` or `"auto"` (see docs/reduced-precision.md). Fewer bits are faster and less exact.
            `"int8_static"` needs a model that `tfopt quantize` has prepared. `"auto"` is the fastest
            on this CPU that changes the phonemes of at most one word in a hundred, as measured then, and
            float32 where nothing was measured. Other backends have `"float32"` alone.

    Raises:
        ValueError: There is no such model (the message says which command gets it), its files are damaged,
            an argument is not one of those above, or the compute type does not suit backend and model.
        ImportError: TensorFlow is missing or too old.
        RuntimeError: TensorFlow already runs with another number of threads, or the library of ops, which
            `"fused"` and `"native"` need, is not there.
    """
    config, weights = loading.read_and_start(read, model, backend, BACKENDS, compute_type, threads)
    from tfopt.g2p.model import G2p  # imports TensorFlow

    return G2p(config, weights, backend, compute_type=compute_type)


def predict(words: str | Sequence[str]) -> list[list[str]]:
    """Pronounces words with the default model, which the first call loads.

    Args:
        words: A word; a text, of which each word is pronounced in turn; or a sequence of words, each
            pronounced as a whole. There may be any number: they are batched by length and come back in
            the order given.

    Returns:
        The phonemes of each word: one list for each word of the text or item of the sequence. The most
        likely phoneme is taken at each step.

        - **Upper case** is read as lower case, a **letter with an accent** as the letter without it
          (`É` as `e`).
        - A text is split into runs of letters and digits with apostrophes inside them; white space,
          **punctuation** and hyphens stand between words and are dropped: `"well-known."` is two words.
          In a sequence nothing is dropped: an item's punctuation is read as unknown characters.
        - **Apostrophes** inside a word (`don't`), **digits**, and any other **character that is not in
          the model's alphabet** are read as its unknown character. The English models were trained on
          words with apostrophes so encoded; digits mean nothing to them, so spell numbers out first.
        - A word without any letter of the model's alphabet (`"250"`, `"!"`, `""`) has no pronunciation:
          an **empty list** stands in its place. An empty text or sequence gives an empty result.
        - Of a **word longer than the model's limit** only the beginning is read: 20 letters for
          `g2p_en-1.0.1` (of which a 20th leaves no room for the end mark), no limit for `g2p_en-2.1.0`.
          Neither writes more than 20 phonemes.

    Raises:
        ValueError: `words` is neither a string nor a sequence of strings, or an item of the sequence
            has white space inside it.

    >>> predict("Hello, world!")
    [['HH', 'EH1', 'L', 'OW0'], ['W', 'ER1', 'L', 'D']]
    """
    global _default
    with _loading:
        if _default is None:
            _default = load()
    return _default.predict(words)


__getattr__ = loading.class_on_demand(__name__, "G2p")
