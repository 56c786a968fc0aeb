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

from tfopt import model_directory, models, tensorflow_runtime
from tfopt.g2p.config import G2pConfig

if TYPE_CHECKING:
    from tfopt.g2p.model import G2p

__all__ = ["BACKENDS", "DEFAULT_BACKEND", "DEFAULT_MODEL", "load", "predict"]

BACKENDS = ("naive", "cached", "graph", "xla")
DEFAULT_BACKEND = "graph"
# The better of the two: fewer of its words and phonemes are wrong on CMUdict.
DEFAULT_MODEL = "g2p_en-2.1.0"

_default: G2p | None = None
_loading = threading.Lock()


def load(
    model: str | os.PathLike[str] = DEFAULT_MODEL,
    *,
    backend: str = DEFAULT_BACKEND,
    threads: int | None = None,
) -> G2p:
    """Loads a model.

    Args:
        model: The name of an installed model, or a path to a model directory.
        backend: How it runs; every backend computes the same function.
            `"naive"`: one `session.run` a phoneme, everything recomputed. `"cached"`: the encoder once,
            one call a phoneme. `"graph"`: the loop inside the graph, one call a batch. `"xla"`: the same,
            compiled; each new batch size and word length costs a compilation of a second or more once.
        threads: Threads for TensorFlow, in the whole process; by default the CPUs that the process may
            use. Can only be chosen before TensorFlow's first operation.

    Raises:
        ValueError: There is no such model (the message says which command gets it), its files are damaged,
            or an argument is not one of those above.
        ImportError: TensorFlow is missing or too old.
        RuntimeError: TensorFlow already runs with another number of threads.
    """
    if backend not in BACKENDS:
        raise ValueError(f"backend: expected one of {', '.join(BACKENDS)}, got {backend!r}")
    directory = models.find(model)
    where = str(directory / model_directory.CONFIG)
    config = G2pConfig.from_dict(model_directory.read_config(directory, "g2p"), where)
    weights = model_directory.read_weights(directory, config.shapes)
    tensorflow_runtime.start(threads)
    from tfopt.g2p.model import G2p  # imports TensorFlow

    return G2p(config, weights, backend)


def predict(words: str | Sequence[str]) -> list[list[str]]:
    """Pronounces words with the default model, which the first call loads. See `G2p.predict`."""
    global _default
    with _loading:
        if _default is None:
            _default = load()
    return _default.predict(words)
