"""The rungs of the ladder: how the loop over samples is driven. All of them compute the same function."""

from __future__ import annotations

from collections.abc import Callable

from tfopt.model_directory import Weights
from tfopt.wavernn.backends.cached import Cached
from tfopt.wavernn.backends.looped import Looped
from tfopt.wavernn.backends.naive import Naive
from tfopt.wavernn.backends.protocol import Array, Backend, Conditioning, State
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.mel_resnet import BlockedMelResnet
from tfopt.wavernn.step import Step
from tfopt.wavernn.upsampling import MelResnet

__all__ = ["BACKENDS", "Array", "Backend", "Conditioning", "State", "mel_resnet"]


def _naive(
    config: WavernnConfig, weights: Weights, threads: int | None, compute_type: str
) -> Backend:
    del threads, compute_type  # what `native` alone has, here and below
    return Naive(config, weights)


def _cached(
    config: WavernnConfig, weights: Weights, threads: int | None, compute_type: str
) -> Backend:
    del threads, compute_type
    return Cached(config, weights)


def _graph(
    config: WavernnConfig, weights: Weights, threads: int | None, compute_type: str
) -> Backend:
    del threads, compute_type
    return Looped(config, Step(config, weights))


def _xla(
    config: WavernnConfig, weights: Weights, threads: int | None, compute_type: str
) -> Backend:
    del threads, compute_type
    return Looped(config, Step(config, weights), jit=True)


def _fused(
    config: WavernnConfig, weights: Weights, threads: int | None, compute_type: str
) -> Backend:
    del threads, compute_type
    from tfopt.wavernn.backends.fused import Fused  # loads the custom ops

    return Fused(config, weights)


def _native(
    config: WavernnConfig, weights: Weights, threads: int | None, compute_type: str
) -> Backend:
    from tfopt.wavernn.backends.native import Native  # loads the custom ops

    return Native(config, weights, threads, compute_type)


BACKENDS: dict[str, Callable[[WavernnConfig, Weights, int | None, str], Backend]] = {
    "naive": _naive,
    "cached": _cached,
    "graph": _graph,
    "xla": _xla,
    "fused": _fused,
    "native": _native,
}


def mel_resnet(backend: Backend, config: WavernnConfig, weights: Weights) -> MelResnet:
    """The residual network over frames as a backend runs it: the custom op where its steps are ops."""
    from tfopt.wavernn.backends.native import Native
    from tfopt.wavernn.packed_mel_resnet import PackedMelResnet

    if isinstance(backend, Native):  # or `Fused`, which is one
        return PackedMelResnet(config, weights)
    return BlockedMelResnet(config, weights)
