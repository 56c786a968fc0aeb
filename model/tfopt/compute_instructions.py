"""By which instructions each compute type is computed on a level of instruction sets of the ops."""

from __future__ import annotations

from tfopt.quantization_settings import TYPES

# The registers that each level of `ops.instruction_set` uses.
_REGISTERS = {
    "baseline": "SSE2",
    "neon": "NEON",
    "avx2": "AVX2",
    "avx512": "AVX-512",
    "avx512_vnni": "AVX-512",
    "avx512_bf16": "AVX-512",
}
_WITH_VNNI = ("avx512_vnni", "avx512_bf16")


def instructions(level: str) -> dict[str, str]:
    """What computes each type, in words, by the type's name.

    Args:
        level: As `ops.instruction_set` says it.
    """
    registers = _REGISTERS[level]
    bfloat16 = f"{registers}, widened to float32"
    int16, int8 = registers, f"{registers}, widened to 16 bits"
    if level in _WITH_VNNI:
        int16 = int8 = "AVX512_VNNI"
    if level == "avx512_bf16":
        bfloat16 = "AVX512_BF16, if block-sparse widened to float32"
    by_type = dict(zip(TYPES, (bfloat16, int16, int8, int8), strict=True))
    return {"float32": registers, **by_type}
