"""Rungs by name: a backend, of which `native` has one for each compute type."""

from __future__ import annotations

from collections.abc import Sequence

from tfopt import compute_types
from tfopt.compute_types import COMPUTE_TYPES, DEFAULT_COMPUTE_TYPE
from tfopt.quantization_settings import QuantizationSettings

# What a rung can compute in: what `auto` stands for is asked for by its name.
TYPES = tuple(name for name in COMPUTE_TYPES if name != compute_types.AUTO)
_TYPED = "native"


class NoSuchRungError(ValueError):
    """A model lacks a backend or a compute type that was asked for."""


def chosen(
    backends: Sequence[str], types: Sequence[str], quantization: QuantizationSettings | None
) -> tuple[str, ...]:
    """Returns the rungs of some backends: `native` in each of the types, the others in float32.

    Args:
        backends: slowest first.
        types: some of `TYPES`; none for float32.
        quantization: of the model's config.

    Raises:
        NoSuchRungError: a type needs the backend `native`, or scales that the model does not have.
    """
    types = tuple(dict.fromkeys(types)) or (DEFAULT_COMPUTE_TYPE,)
    if _TYPED not in backends and types != (DEFAULT_COMPUTE_TYPE,):
        raise NoSuchRungError(
            f"compute_type: expected the backend {_TYPED!r} among those measured, got "
            f"{', '.join(types)} and the backends {', '.join(backends)}"
        )
    for compute_type in types if _TYPED in backends else ():
        try:
            compute_types.chosen(compute_type, _TYPED, quantization)
        except ValueError as error:
            raise NoSuchRungError(str(error)) from error
    return tuple(
        name(backend, compute_type)
        for backend in backends
        for compute_type in (types if backend == _TYPED else (DEFAULT_COMPUTE_TYPE,))
    )


def name(backend: str, compute_type: str) -> str:
    """Returns what results call a rung: `native`, `native int8`."""
    return backend if compute_type == DEFAULT_COMPUTE_TYPE else f"{backend} {compute_type}"


def split(rung: str) -> tuple[str, str]:
    """Returns a rung's backend and compute type."""
    backend, _, compute_type = rung.rpartition(" ")
    if backend == _TYPED and compute_type in TYPES:
        return backend, compute_type
    return rung, DEFAULT_COMPUTE_TYPE


def is_exact(rung: str) -> bool:
    """Whether it computes in float32, so that its outputs have to be the reference's."""
    return split(rung)[1] == DEFAULT_COMPUTE_TYPE


def as_asked(rung: str) -> dict[str, str]:
    """Returns what a worker is asked to start; of float32 nothing, which workers of old know as well."""
    backend, compute_type = split(rung)
    if compute_type == DEFAULT_COMPUTE_TYPE:
        return {"backend": backend}
    return {"backend": backend, "compute_type": compute_type}
