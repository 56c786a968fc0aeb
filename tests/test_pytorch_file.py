"""Reading PyTorch files: every type and layout, damaged files, and files that would like to run code."""

from __future__ import annotations

import io
import os
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import GOLDEN

from tfopt.convert import pytorch_file

TENSORS = GOLDEN / "pytorch_tensors.pt"


class Evil:
    """Pickles as a call of any function."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call


def rewrite(source: Path, path: Path, change: dict[str, bytes | None]) -> Path:
    """A copy of a file in which some entries are others, new or gone."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        folder = old.namelist()[0].split("/")[0]
        entries = {name.split("/", 1)[1]: old.read(name) for name in old.namelist()}
        for name, data in (entries | change).items():
            if data is not None:
                new.writestr(f"{folder}/{name}", data)
    return path


def write_pickle(path: Path, data: bytes) -> Path:
    """A file with this pickle and one storage of three numbers."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/data.pkl", data)
        archive.writestr("x/data/0", struct.pack("<3f", 1, 2, 3))
    return path


def tensor_pickle(
    offset: str = "K\x00", shape: str = "K\x03\x85", strides: str = "K\x01\x85", kind: str = "Float"
) -> bytes:
    """A state dict of one tensor, `a`, spelt out as instructions."""
    storage = f"(X\x07\x00\x00\x00storagectorch\n{kind}Storage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x03tQ"
    function = "ctorch._utils\n_rebuild_tensor_v2\n"
    tensor = f"{function}({storage}{offset}{shape}{strides}\x89}}tR"
    return f"\x80\x02}}X\x01\x00\x00\x00a{tensor}s.".encode("latin-1")


@pytest.mark.parametrize("name", ["pytorch_tensors.pt", "pytorch_tensors_protocol4.pt"])
def test_types_and_layouts(name: str) -> None:
    tensors = pytorch_file.read(GOLDEN / name)
    numbers = np.arange(12, dtype=np.float32)
    table = numbers.reshape(3, 4)
    expected: dict[str, Any] = {
        "contiguous": table,
        "transposed": table.T,
        "part": np.array([[4, 6], [8, 10]], np.float32),
        "scalar": np.array(0.5, np.float32),
        "empty": np.zeros((0, 3), np.float32),
        "half": numbers / 4,
        "bfloat16": numbers / 4,
        "double": (np.arange(12.0) / 3).astype(np.float32),
        "long": np.arange(-3, 3),
        "parameter": np.ones(2, np.float32),
    }
    assert list(tensors) == list(expected)
    for tensor_name, values in expected.items():
        tensor = tensors[tensor_name]
        assert (tensor.dtype, tensor.shape) == (values.dtype, values.shape), tensor_name
        np.testing.assert_array_equal(tensor, values, tensor_name)


def test_shared_storages_stay_shared() -> None:
    tensors = pytorch_file.read(TENSORS)
    assert np.shares_memory(tensors["contiguous"], tensors["transposed"])


def test_big_endian(tmp_path: Path) -> None:
    swapped = struct.pack(">12f", *range(12))
    with zipfile.ZipFile(TENSORS) as archive:
        name = next(n for n in archive.namelist() if n.endswith("data/0"))
        assert archive.read(name) == struct.pack("<12f", *range(12))
    path = rewrite(TENSORS, tmp_path / "a.pt", {"byteorder": b"big", "data/0": swapped})
    np.testing.assert_array_equal(
        pytorch_file.read(path)["contiguous"], np.arange(12).reshape(3, 4)
    )


def test_a_tensor_by_hand(tmp_path: Path) -> None:
    path = write_pickle(tmp_path / "a.pt", tensor_pickle())
    assert pytorch_file.read(path)["a"].tolist() == [1, 2, 3]
    part = tensor_pickle(
        offset="K\x02", shape="K\x02K\x01\x86", strides="J\xff\xff\xff\x7fK\x05\x86"
    )
    with pytest.raises(ValueError, match=r"a: its shape \[2, 1\] does not fit"):
        pytorch_file.read(write_pickle(tmp_path / "b.pt", part))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (tensor_pickle(offset="K\x01"), "does not fit into its storage"),
        (tensor_pickle(shape="K\x04\x85"), "does not fit into its storage"),
        (tensor_pickle(strides="K\x02\x85"), "does not fit into its storage"),
        (
            tensor_pickle(shape="J\xff\xff\xff\x7f\x85", strides="K\x00\x85"),
            "does not fit into its",
        ),
        (tensor_pickle(offset="J\xff\xff\xff\xff"), "expected integers >= 0"),
        (tensor_pickle(strides="J\xff\xff\xff\xff\x85"), "expected integers >= 0"),
        (tensor_pickle(shape="\x88\x85"), "expected integers >= 0"),
        (tensor_pickle(shape="K\x01K\x03\x86"), "expected integers >= 0"),
        (tensor_pickle(kind="Double"), "12 bytes, no whole torch.DoubleStorage"),
        (tensor_pickle(kind="Half"), "expected 3 numbers in data/0, got 6"),
        (tensor_pickle(kind="Complex"), "it holds 'torch.ComplexStorage'"),
        (tensor_pickle()[:-4], "pickle"),
        (b"\x80\x02}X\x01\x00\x00\x00aK\x01s.", "a: expected a tensor, got a int"),
        (b"\x80\x02]\x94.", "expected a state dict, got a list"),
        (b"\x80\x02}K\x01K\x01s.", "damaged pickle: TypeError: expected a str, got a int"),
        (b"\x80\x02.", "damaged pickle"),
        (b"\x80\x02h\x07.", "damaged pickle"),
        (b"\x80\x02u.", "damaged pickle"),
        (b"(S'x'\nio.", "it uses STRING"),
        (b"", "pickle"),
    ],
)
def test_bad_pickles(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        pytorch_file.read(write_pickle(tmp_path / "a.pt", data))
    assert str(tmp_path / "a.pt") in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_a_pickle_that_would_run_a_command(tmp_path: Path, protocol: int) -> None:
    trace = tmp_path / "it-ran"
    state = OrderedDict(a=Evil(os.system, f"touch {trace}"), b=Evil(eval, "1 / 0"))
    data = pickle.dumps(state, protocol)
    with pytest.raises(ValueError, match=r"it holds '.*\.system'|it uses"):
        pytorch_file.read(write_pickle(tmp_path / "a.pt", data))
    assert not trace.exists()
    with pytest.raises(ZeroDivisionError):
        pickle.loads(data)  # noqa: S301 - that is what it would have done
    assert trace.exists()


def test_a_pickled_module() -> None:
    with pytest.raises(ValueError, match=r"it holds 'torch\.nn\.modules\.linear\.Linear'"):
        pytorch_file.read(GOLDEN / "pytorch_module.pt")


def test_the_old_format() -> None:
    with pytest.raises(ValueError, match=r"the format before PyTorch 1\.6"):
        pytorch_file.read(GOLDEN / "pytorch_before_1.6.pt")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"data/0": None}, "no item named"),
        ({"data/0": b"abc"}, "3 bytes, no whole"),
        ({"data/0": bytes(44)}, "expected 12 numbers in data/0, got 11"),
        ({"data.pkl": None}, r"expected one NAME/data\.pkl in it, found 0"),
        ({"byteorder": b"middle"}, "expected little or big"),
    ],
)
def test_bad_entries(tmp_path: Path, change: dict[str, bytes | None], message: str) -> None:
    path = rewrite(TENSORS, tmp_path / "a.pt", change)
    with pytest.raises(ValueError, match=message):
        pytorch_file.read(path)


def test_compressed_entries_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/data.pkl", bytes(1_000_000))
    with pytest.raises(ValueError, match=r"x/data\.pkl: expected it uncompressed"):
        pytorch_file.read(tmp_path / "a.pt")


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.pt", tmp_path):
        with pytest.raises(ValueError, match="cannot read it as a PyTorch file"):
            pytorch_file.read(path)


def test_truncated_files(tmp_path: Path) -> None:
    data, path = TENSORS.read_bytes(), tmp_path / "a.pt"
    for size in range(0, len(data), 37):
        path.write_bytes(data[:size])
        with pytest.raises(ValueError, match="cannot read it as a PyTorch file"):
            pytorch_file.read(path)


def test_damaged_bytes_never_raise_anything_else(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    original, path = TENSORS.read_bytes(), tmp_path / "a.pt"
    with zipfile.ZipFile(io.BytesIO(original)) as archive:
        script = archive.read(next(n for n in archive.namelist() if n.endswith("data.pkl")))
    refused = 0
    for case in range(600):
        # The checksums of the zip archive would find most damage; half of the files get new ones.
        data = np.frombuffer(original if case % 2 else script, np.uint8).copy()
        data[random.integers(len(data), size=1 + case % 3)] = random.integers(256)
        if case % 2:
            path.write_bytes(data.tobytes())
        else:
            rewrite(TENSORS, path, {"data.pkl": data.tobytes()})
        try:
            pytorch_file.read(path)
        except ValueError:
            refused += 1
    assert refused > 300
