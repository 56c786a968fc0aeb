"""What a worker can run, one module for each kind of model.

A kind is added by a module here with `load(model, backend, threads, compute_type)` and its line in `KINDS`.
The modules import their framework inside the functions: the profiler's own process never does.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any, Protocol, cast

# kind, as in a model's config.json: module
KINDS = {
    "g2p": "tfopt.profiler.workloads.g2p",
    "wavenet": "tfopt.profiler.workloads.wavenet",
    "wavernn": "tfopt.profiler.workloads.wavernn",
}


class Workload(Protocol):
    """A loaded model. Items are JSON values."""

    def run(self, items: Sequence[Any]) -> Any:
        """Computes one output for each item, all as one batch. This is what is timed."""

    def outputs(self, result: Any) -> list[Any]:
        """Returns what `run` computed as JSON values, one for each item."""

    def measure(self, what: str, **arguments: Any) -> dict[str, Any]:
        """Measures something of this kind's own; ValueError if there is no such thing."""


class Loader(Protocol):
    """A workload module."""

    def import_framework(self) -> None:
        """Imports what any program using this kind of model must import."""

    def load(self, model: str, backend: str, threads: int, compute_type: str) -> Workload:
        """Loads a model for one backend; `model` is a model directory."""


def loader(kind: str) -> Loader:
    """Returns the module for a kind of model.

    Raises:
        ValueError: no such kind can be profiled.
    """
    if kind not in KINDS:
        raise ValueError(f"kind: expected one of {', '.join(KINDS)}, got {kind!r}")
    return cast(Loader, importlib.import_module(KINDS[kind]))
