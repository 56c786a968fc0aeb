"""By which instructions `tfopt info` says that each compute type is computed."""

from __future__ import annotations

import pytest

from tfopt.compute_instructions import instructions
from tfopt.compute_types import AUTO, COMPUTE_TYPES


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("baseline", {"bfloat16": "SSE2, widened to float32", "int16": "SSE2"}),
        ("neon", {"float32": "NEON", "int8": "NEON, widened to 16 bits"}),
        ("avx2", {"int16": "AVX2", "int8": "AVX2, widened to 16 bits"}),
        ("avx512", {"bfloat16": "AVX-512, widened to float32", "int16": "AVX-512"}),
        ("avx512_vnni", {"bfloat16": "AVX-512, widened to float32", "int16": "AVX512_VNNI"}),
        ("avx512_bf16", {"int16": "AVX512_VNNI", "int8_static": "AVX512_VNNI"}),
        ("avx512_bf16", {"bfloat16": "AVX512_BF16, if block-sparse widened to float32"}),
    ],
)
def test_a_level(level: str, expected: dict[str, str]) -> None:
    given = instructions(level)
    assert [*given, AUTO] == list(COMPUTE_TYPES)
    assert given | expected == given
