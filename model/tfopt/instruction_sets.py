"""Instruction sets of x86-64: their names, the levels that compilers build for, and what a CPU lacks.

A set's name is the one in Intel's manual and TensorFlow's log; a flag is the word that Linux shows for it in
/proc/cpuinfo.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

# Set: flag. Sets come in the order in which CPUs got them.
FLAGS = {
    "SSE3": "pni",
    "SSSE3": "ssse3",
    "SSE4.1": "sse4_1",
    "SSE4.2": "sse4_2",
    "POPCNT": "popcnt",
    "AVX": "avx",
    "F16C": "f16c",
    "FMA": "fma",
    "BMI1": "bmi1",
    "BMI2": "bmi2",
    "LZCNT": "abm",
    "MOVBE": "movbe",
    "AVX2": "avx2",
    "AVX512F": "avx512f",
    "AVX512CD": "avx512cd",
    "AVX512BW": "avx512bw",
    "AVX512DQ": "avx512dq",
    "AVX512VL": "avx512vl",
    "AVX512_IFMA": "avx512ifma",
    "AVX512_VBMI": "avx512vbmi",
    "AVX512_VBMI2": "avx512_vbmi2",
    "AVX512_VNNI": "avx512_vnni",
    "AVX512_BITALG": "avx512_bitalg",
    "AVX512_VPOPCNTDQ": "avx512_vpopcntdq",
    "AVX512_BF16": "avx512_bf16",
    "AVX512_FP16": "avx512_fp16",
    "AVX_VNNI": "avx_vnni",
    "GFNI": "gfni",
    "VAES": "vaes",
    "VPCLMULQDQ": "vpclmulqdq",
    "AMX_TILE": "amx_tile",
    "AMX_INT8": "amx_int8",
    "AMX_BF16": "amx_bf16",
}

_V2 = ("SSE3", "SSSE3", "SSE4.1", "SSE4.2", "POPCNT")
_V3 = (*_V2, "AVX", "F16C", "FMA", "BMI1", "BMI2", "LZCNT", "MOVBE", "AVX2")
_V4 = (*_V3, "AVX512F", "AVX512CD", "AVX512BW", "AVX512DQ", "AVX512VL")
# What GCC and Clang write of their own accord for -march=LEVEL. AMX is not among it although Sapphire Rapids
# has it: only code that asks for tiles by name uses them, and that code looks at the CPU first.
LEVELS = {
    "x86-64-v2": _V2,
    "x86-64-v3": _V3,
    "x86-64-v4": _V4,
    "sapphirerapids": (
        *_V4,
        *("AVX512_IFMA", "AVX512_VBMI", "AVX512_VBMI2", "AVX512_VNNI", "AVX512_BITALG"),
        *("AVX512_VPOPCNTDQ", "AVX512_BF16", "AVX512_FP16", "AVX_VNNI", "GFNI"),
    ),
}
# What tells code for Sapphire Rapids from code for x86-64-v4: arithmetic on 16-bit floats. Its other sets are
# for rare operations, and no program has them all.
_SAPPHIRE_RAPIDS = ("AVX512_BF16", "AVX512_FP16")
# The name for all sets of 512 bits together.
AVX512 = "AVX-512"


def lacking(needed: Iterable[str], flags: Collection[str]) -> tuple[str, ...]:
    """Returns those of the sets that a CPU with these flags lacks, in the order of `FLAGS`.

    Args:
        needed: Names of sets.
        flags: The CPU's flags as /proc/cpuinfo names them.
    """
    wanted = set(needed)
    return tuple(name for name, flag in FLAGS.items() if name in wanted and flag not in flags)


def level(used: Collection[str]) -> str | None:
    """Returns the highest level of which all that goes beyond SSE is used; None below x86-64-v3.

    Of `sapphirerapids` it is enough that there is AVX512_BF16 or AVX512_FP16 beside all of x86-64-v4; F16C
    may lack, since AVX512_FP16 has conversions of its own.

    Args:
        used: Names of the sets that code uses.
    """
    lacking_of = {name: set(sets) - set(_V2) - set(used) for name, sets in LEVELS.items()}
    if lacking_of["x86-64-v4"] <= {"F16C"} and not set(used).isdisjoint(_SAPPHIRE_RAPIDS):
        return "sapphirerapids"
    return next((name for name in ("x86-64-v4", "x86-64-v3") if not lacking_of[name]), None)
