"""Reads the tensors of a safetensors file, of any floating-point type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError, deserialize

from tfopt.convert.stored_numbers import BFLOAT16, decode

_TYPES = {
    "F64": "f8",
    "F32": "f4",
    "F16": "f2",
    "BF16": BFLOAT16,
    "I64": "i8",
    "I32": "i4",
    "I16": "i2",
    "I8": "i1",
    "BOOL": "?",
    "U64": "u8",
    "U32": "u4",
    "U16": "u2",
    "U8": "u1",
}


def read(path: Path) -> dict[str, NDArray[Any]]:
    """Reads all tensors by name: float32 of any floating-point type, else the type of the file.

    Raises:
        ValueError: The file is missing, damaged, or has a type of number that is not in `_TYPES`.
    """
    try:
        contents = deserialize(path.read_bytes())  # type: ignore[no-untyped-call]
    except (OSError, SafetensorError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path}: cannot read it as a safetensors file: {reason}") from error
    arrays = {}
    for name, tensor in contents:
        if tensor["dtype"] not in _TYPES:
            known = ", ".join(_TYPES)
            raise ValueError(f"{path}: {name}: expected one of {known}, got {tensor['dtype']}")
        arrays[name] = decode(tensor["data"], _TYPES[tensor["dtype"]]).reshape(tensor["shape"])
    return arrays
