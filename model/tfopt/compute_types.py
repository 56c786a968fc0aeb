"""The types that the backend `native` computes in: which there are, and which one a model gets.

docs/reduced-precision.md says what each of them is.
"""

from __future__ import annotations

from tfopt import cpu_flags
from tfopt.quantization_settings import TYPES, QuantizationSettings

DEFAULT_COMPUTE_TYPE = "float32"
AUTO = "auto"
COMPUTE_TYPES = (DEFAULT_COMPUTE_TYPE, *TYPES, AUTO)

# The largest stored loss of a type that `auto` takes, in nats per sample, or for g2p as the part of the words
# whose phonemes change.
LARGEST_AUTO_LOSS = 0.01


def expect_compute_type(compute_type: object, backend: object) -> None:
    """Raises ValueError if there is no such compute type, or if the backend does not have it."""
    if not isinstance(compute_type, str) or compute_type not in COMPUTE_TYPES:
        expected = f"one of {', '.join(COMPUTE_TYPES)}"
        raise ValueError(f"compute_type: expected {expected}, got {compute_type!r}")
    if compute_type != DEFAULT_COMPUTE_TYPE and backend != "native":
        raise ValueError(
            f"compute_type: expected {DEFAULT_COMPUTE_TYPE!r} on the backend {backend!r}, since "
            f"'native' alone has others, got {compute_type!r}"
        )


def auto_order() -> tuple[str, ...]:
    """The types that `auto` tries, the fastest on this CPU first, for one stream of a model without zeros.

    That is fewest bits first. Of the two of 16 bits it is bfloat16 on a CPU that multiplies it (AVX512_BF16),
    and int16 on one that would have to widen it.
    """
    of_16_bits = ("bfloat16", "int16")
    if "avx512_bf16" not in (cpu_flags.usable() or ()):
        of_16_bits = of_16_bits[::-1]
    return ("int8_static", "int8", *of_16_bits)


def chosen(compute_type: str, backend: object, quantization: QuantizationSettings | None) -> str:
    """The type that a model computes in: the one asked for, or what `auto` means for it.

    `auto` means the first of `auto_order()` whose loss, as the model has it stored, is at most
    `LARGEST_AUTO_LOSS`, and float32 if there is none.

    Args:
        compute_type: One of `COMPUTE_TYPES`.
        backend: The model's backend, by name.
        quantization: Of the model's config.

    Raises:
        ValueError: As of `expect_compute_type`; or it is `int8_static`, and no scales are stored.
    """
    expect_compute_type(compute_type, backend)
    calibrated = quantization is not None and bool(quantization.input_scales)
    if compute_type == "int8_static" and not calibrated:
        raise ValueError(
            "compute_type: expected a model with calibrated input scales for 'int8_static', which "
            "`tfopt quantize` makes, got one without"
        )
    if compute_type != AUTO:
        return compute_type
    losses = {} if quantization is None else quantization.losses
    for name in auto_order():
        there = calibrated or name != "int8_static"
        if there and name in losses and losses[name] <= LARGEST_AUTO_LOSS:
            return name
    return DEFAULT_COMPUTE_TYPE
