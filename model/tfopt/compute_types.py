"""The types that the backend `native` computes in: which there are, and which one a model gets.

docs/reduced-precision.md says what each of them is.
"""

from __future__ import annotations

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


def auto_order(level: str) -> tuple[str, ...]:
    """The types that `auto` tries, the fastest first: for one stream of a model without zeros.

    That is fewest bits first, and inputs read once (`int8_static`) before inputs read twice. Of the two of 16
    bits it is bfloat16 where it is multiplied as it is, and int16 where it would have to be widened.

    Args:
        level: The instruction set that the ops use, as `ops.instruction_set` says it.
    """
    of_16_bits = ("bfloat16", "int16") if level == "avx512_bf16" else ("int16", "bfloat16")
    return ("int8_static", "int8", *of_16_bits)


def chosen(compute_type: str, backend: object, quantization: QuantizationSettings | None) -> str:
    """The type that a model computes in: the one asked for, or what `auto` means for it.

    `auto` means the first of `auto_order` whose loss, as the model has it stored, is at most
    `LARGEST_AUTO_LOSS`, and float32 if there is none.

    Args:
        compute_type: One of `COMPUTE_TYPES`.
        backend: The model's backend, by name.
        quantization: Of the model's config.

    Raises:
        ValueError: As of `expect_compute_type`; or it is `int8_static`, and no scales are stored.
        RuntimeError: It is `auto`, losses are stored, and the library of custom ops is missing.
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
    there = {
        name
        for name, loss in losses.items()
        if loss <= LARGEST_AUTO_LOSS and (calibrated or name != "int8_static")
    }
    if not there:
        return DEFAULT_COMPUTE_TYPE
    from tfopt import ops  # imports TensorFlow

    return next(name for name in auto_order(ops.instruction_set()) if name in there)
