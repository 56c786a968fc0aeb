"""Reading safetensors files: every type of number, and files that are none."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from tfopt.convert import safetensors_file


def write(path: Path, dtype: str, shape: list[int], data: bytes) -> Path:
    """A file of one tensor, spelt out."""
    tensor = {"dtype": dtype, "shape": shape, "data_offsets": [0, len(data)]}
    header = json.dumps({"a": tensor}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)
    return path


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u1", "?"])
def test_types(tmp_path: Path, dtype: str) -> None:
    array = np.array([[0, 1, 2], [3, 5, 100]]).astype(dtype)
    save_file({"a": array, "scalar": array[1, 2, ...], "empty": array[:0]}, tmp_path / "f")
    read = safetensors_file.read(tmp_path / "f")
    assert sorted(read) == ["a", "empty", "scalar"]
    expected = array.astype(np.float32) if dtype.startswith("f") else array
    np.testing.assert_array_equal(read["a"], expected, strict=True)
    assert (read["scalar"].shape, read["empty"].shape) == ((), (0, 3))


def test_bfloat16(tmp_path: Path) -> None:
    # 1, -2.5, 2 ** -7: the upper halves of these float32 numbers.
    data = struct.pack("<3H", 0x3F80, 0xC020, 0x3C00)
    read = safetensors_file.read(write(tmp_path / "f", "BF16", [3], data))["a"]
    np.testing.assert_array_equal(read, np.array([1, -2.5, 2**-7], np.float32), strict=True)


def test_what_is_beyond_float32_is_infinite(tmp_path: Path) -> None:
    save_file({"a": np.array([1e39, 0.1])}, tmp_path / "f")
    read = safetensors_file.read(tmp_path / "f")["a"]
    np.testing.assert_array_equal(read, np.array([np.inf, 0.1], np.float32), strict=True)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none: cannot read it as a safetensors file: .*No such"):
        safetensors_file.read(tmp_path / "none")
    whole = write(tmp_path / "whole", "F32", [2], bytes(8)).read_bytes()
    for size in (0, 4, 20, len(whole) - 1):
        (tmp_path / "cut").write_bytes(whole[:size])
        with pytest.raises(
            ValueError, match="cut: cannot read it as a safetensors file: "
        ) as caught:
            safetensors_file.read(tmp_path / "cut")
        assert "\n" not in str(caught.value)
    write(tmp_path / "wrong", "F32", [3], bytes(8))
    with pytest.raises(ValueError, match="wrong: cannot read it as a safetensors file: "):
        safetensors_file.read(tmp_path / "wrong")
    write(tmp_path / "narrow", "F8_E4M3", [8], bytes(8))
    with pytest.raises(ValueError, match=r"narrow: a: expected one of F64, .* got F8_E4M3"):
        safetensors_file.read(tmp_path / "narrow")
