"""The grapheme-to-phoneme workload: an item is a word, an output its phonemes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any


class _G2p:
    def __init__(self, net: Any) -> None:
        self._net = net

    def run(self, items: Sequence[str]) -> list[list[str]]:
        """Returns the phonemes of each word; the words are one batch."""
        return self._net.predict(list(items))  # type: ignore[no-any-return]

    def outputs(self, result: list[list[str]]) -> list[Any]:
        """Returns them as they are."""
        return result

    def measure(self, what: str, **arguments: Any) -> dict[str, Any]:
        """Raises ValueError: there is nothing else to measure."""
        raise ValueError(f"what: expected nothing for g2p, got {what!r}")


def import_framework() -> None:
    """Imports TensorFlow and the package's g2p."""
    import tensorflow  # noqa: F401

    import tfopt.g2p  # noqa: F401


def load(model: str, backend: str, threads: int, compute_type: str) -> _G2p:
    """Loads a model directory for a backend, which sets TensorFlow's thread count."""
    from tfopt import g2p

    directory = Path(model)
    return _G2p(g2p.load(directory, backend=backend, threads=threads, compute_type=compute_type))
