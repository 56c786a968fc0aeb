"""The rungs of the ladder: how the loop over samples is driven. All of them compute the same function."""

from __future__ import annotations

from collections.abc import Callable

from tfopt.model_directory import Weights
from tfopt.wavenet.backends.cached import Cached
from tfopt.wavenet.backends.looped import Looped
from tfopt.wavenet.backends.naive import Naive
from tfopt.wavenet.backends.protocol import Array, Backend, State
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.step import Step

__all__ = ["BACKENDS", "Array", "Backend", "State"]


def _naive(
    config: WavenetConfig, weights: Weights, threads: int | None, compute_type: str
) -> Backend:
    del threads, compute_type  # what `native` alone has, here and below
    return Naive(config, weights)


def _cached(
    config: WavenetConfig, weights: Weights, threads: int | None, compute_type: str
) -> Backend:
    del threads, compute_type
    return Cached(config, weights)


def _graph(
    config: WavenetConfig, weights: Weights, threads: int | None, compute_type: str
) -> Backend:
    del threads, compute_type
    return Looped(config, Step(config, weights))


def _xla(
    config: WavenetConfig, weights: Weights, threads: int | None, compute_type: str
) -> Backend:
    del threads, compute_type
    return Looped(config, Step(config, weights, jit=True), jit=True)


def _fused(
    config: WavenetConfig, weights: Weights, threads: int | None, compute_type: str
) -> Backend:
    del threads, compute_type
    from tfopt.wavenet.backends.fused import FusedStep  # loads the custom ops

    return Looped(config, FusedStep(config, weights))


def _native(
    config: WavenetConfig, weights: Weights, threads: int | None, compute_type: str
) -> Backend:
    from tfopt.wavenet.backends.native import Native  # loads the custom ops

    return Native(config, weights, threads, compute_type)


BACKENDS: dict[str, Callable[[WavenetConfig, Weights, int | None, str], Backend]] = {
    "naive": _naive,
    "cached": _cached,
    "graph": _graph,
    "xla": _xla,
    "fused": _fused,
    "native": _native,
}
