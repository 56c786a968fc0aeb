"""Reads the tensors of a PyTorch file (`torch.save` of a state dict) with neither PyTorch nor pickle.

The file is a zip archive, nothing in it compressed: `NAME/data.pkl` is a pickle that describes the tensors,
`NAME/data/0`, `NAME/data/1`, ... are their storages. Sources: PyTorch's `torch/serialization.py` and
`torch/_utils.py`.
"""

from __future__ import annotations

import math
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt.convert.pytorch_pickle import Call, Name, Persistent, parse
from tfopt.convert.stored_numbers import BFLOAT16, decode

Array = NDArray[Any]

# Each type of storage, and how its bytes are read.
_STORAGES = {
    "torch.FloatStorage": "f4",
    "torch.DoubleStorage": "f8",
    "torch.HalfStorage": "f2",
    "torch.BFloat16Storage": BFLOAT16,
    "torch.LongStorage": "i8",
    "torch.IntStorage": "i4",
    "torch.ShortStorage": "i2",
    "torch.CharStorage": "i1",
    "torch.ByteStorage": "u1",
    "torch.BoolStorage": "?",
}
_TENSOR = "torch._utils._rebuild_tensor_v2"
_PARAMETER = "torch._utils._rebuild_parameter"
_ALLOWED = {*_STORAGES, _TENSOR, _PARAMETER}
_BYTE_ORDERS = {b"little": "<", b"big": ">"}
_DAMAGED = (
    *(OSError, EOFError, KeyError, ValueError, RuntimeError, NotImplementedError, OverflowError),
    *(struct.error, zipfile.BadZipFile),
)


def read(path: Path) -> dict[str, Array]:
    """Reads a state dict.

    Args:
        path: A file that `torch.save(model.state_dict(), path)` of PyTorch 1.6 or later wrote.

    Returns:
        An array for every name, in the order of the file: float32 for tensors of any floating-point type,
        else the type of the file. Arrays may share memory, as the tensors did.

    Raises:
        ValueError: The file is missing, damaged, of the format before PyTorch 1.6, or holds something
            other than names and dense tensors. Nothing in it is ever run.
    """
    try:
        with path.open("rb") as file:
            start = file.read(1)
        if start == b"\x80":
            raise ValueError(
                "it has the format before PyTorch 1.6; load it with PyTorch and torch.save it again"
            )
        with zipfile.ZipFile(path) as archive:
            return _Reader(archive).read()
    except _DAMAGED as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{path}: cannot read it as a PyTorch file: {reason}") from error


class _Reader:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        pickles = [name for name in archive.namelist() if name.split("/")[1:] == ["data.pkl"]]
        if len(pickles) != 1:
            raise ValueError(f"expected one NAME/data.pkl in it, found {len(pickles)}")
        self.pickle = pickles[0]
        self.folder = self.pickle.split("/")[0]
        order = b"little"  # of files that do not say
        if f"{self.folder}/byteorder" in archive.namelist():
            order = self._bytes("byteorder")
        if order not in _BYTE_ORDERS:
            raise ValueError(f"byteorder: expected little or big, got {order[:20]!r}")
        self.order = _BYTE_ORDERS[order]
        self.storages: dict[tuple[str, str], Array] = {}

    def read(self) -> dict[str, Array]:
        contents = parse(self._bytes("data.pkl"), _ALLOWED)
        if not isinstance(contents, dict):
            raise ValueError(f"expected a state dict, got a {type(contents).__name__}")
        return {name: self._tensor(name, value) for name, value in contents.items()}

    def _tensor(self, name: str, value: object) -> Array:
        if isinstance(value, Call) and value.function == _PARAMETER and value.arguments:
            value = value.arguments[0]
        if not isinstance(value, Call) or value.function != _TENSOR or len(value.arguments) < 4:
            raise ValueError(f"{name}: expected a tensor, got a {type(value).__name__}")
        reference, offset, shape, strides = value.arguments[:4]
        storage = self._storage(name, reference)
        numbers = (offset, *shape, *strides) if _are_tuples(shape, strides) else (None,)
        if not all(type(number) is int and number >= 0 for number in numbers):
            raise ValueError(f"{name}: expected integers >= 0 as its offset, shape and strides")
        size = math.prod(shape)
        last = offset + sum((n - 1) * s for n, s in zip(shape, strides, strict=True)) if size else 0
        # No more numbers than are stored: a stride of 0 could ask for any amount of memory.
        if last >= max(len(storage), 1) or size > len(storage):
            raise ValueError(f"{name}: its shape {list(shape)} does not fit into its storage")
        steps = [stride * storage.itemsize for stride in strides]
        view: Array = np.lib.stride_tricks.as_strided(
            storage[offset:] if size else storage, shape, steps, writeable=False
        )
        return view

    def _storage(self, name: str, reference: object) -> Array:
        """The numbers of a storage, read once, however many tensors share it."""
        match reference:
            case Persistent(("storage", Name(kind), str(key), str(), int(length))):
                pass
            case _:
                raise ValueError(f"{name}: expected a storage of the file")
        if kind not in _STORAGES:
            raise ValueError(f"{name}: expected a storage of the file, got {kind}")
        if (kind, key) not in self.storages:
            self.storages[kind, key] = self._read_storage(name, kind, key)
        storage = self.storages[kind, key]
        if len(storage) != length:
            raise ValueError(f"{name}: expected {length} numbers in data/{key}, got {len(storage)}")
        return storage

    def _read_storage(self, name: str, kind: str, key: str) -> Array:
        data = self._bytes(f"data/{key}")
        itemsize = 2 if _STORAGES[kind] == BFLOAT16 else np.dtype(_STORAGES[kind]).itemsize
        if len(data) % itemsize:
            raise ValueError(f"{name}: data/{key} has {len(data)} bytes, no whole {kind}")
        return decode(data, _STORAGES[kind], self.order)

    def _bytes(self, name: str) -> bytes:
        info = self.archive.getinfo(f"{self.folder}/{name}")
        if info.compress_type != zipfile.ZIP_STORED:
            # PyTorch compresses nothing; a few bytes could stand for more than fits into the memory.
            raise ValueError(f"{info.filename}: expected it uncompressed")
        return self.archive.read(info)


def _are_tuples(shape: object, strides: object) -> bool:
    return isinstance(shape, tuple) and isinstance(strides, tuple) and len(shape) == len(strides)
