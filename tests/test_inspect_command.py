"""`tfopt inspect-tensorflow`: its output, its exit status, and one clear line for every bad file."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import inspected_libraries
import numpy as np
import pytest
from click.testing import CliRunner, Result

from tfopt import cpu_flags, tensorflow_distributions
from tfopt.cli import cli
from tfopt.inspection import elf, libraries

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="the tests compile code for x86-64"
)
HASWELL = "avx f16c fma bmi1 bmi2 abm movbe avx2 pni ssse3 sse4_1 sse4_2 popcnt"
ELF_MACHINE, AARCH64 = 18, 183  # where a file says what it is for; EM_AARCH64


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stock")
    library = inspected_libraries.compiled(folder / "libtensorflow_cc.so.2", ["-mavx"])
    return inspected_libraries.wheel(folder / "stock.whl", [library])


@pytest.fixture(scope="session")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rebuilt")
    library = inspected_libraries.compiled(
        folder / "libtensorflow_cc.so.2", ["-march=x86-64-v4", "-mprefer-vector-width=512"]
    )
    return inspected_libraries.wheel(
        folder / "rebuilt.whl", [library], "intel-tensorflow-avx512", "2.14.0"
    )


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["inspect-tensorflow", *map(str, arguments)])


def refused(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 1, result.output
    assert not result.stdout
    lines = result.stderr.splitlines()
    assert len(lines) == 1
    return lines[0]


def with_cpu(monkeypatch: pytest.MonkeyPatch, flags: str | None) -> None:
    made_up = None if flags is None else frozenset(flags.split())
    monkeypatch.setattr(cpu_flags, "usable", lambda: made_up)


def test_a_stock_wheel(stock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_cpu(monkeypatch, HASWELL)
    out = tmp_path / "out.json"
    result = run(stock, "--json", out)
    assert result.exit_code == 0, result.output
    assert "tensorflow-cpu 2.21.0: instructions" in result.stdout
    assert "Compiled with AVX; without FMA, AVX2, AVX-512.\n" in result.stdout
    assert result.stdout.endswith("This CPU has all that it needs.\n")
    assert result.stderr == ""
    document = json.loads(out.read_text())
    assert document["distribution"] == {"name": "tensorflow-cpu", "version": "2.21.0"}
    assert document["used"] == ["AVX"]
    assert document["missing_on_this_cpu"] == []
    assert document["level"] is None
    assert document["tensorflow"] is None
    assert document["compiled"]["Eigen"]["functions_using"]["AVX"] >= 2
    assert document["dispatching"]["oneDNN"]["fused_multiply_adds"] == 1
    sizes = [
        one["text_bytes"]
        for group in ("compiled", "dispatching")
        for one in document[group].values()
    ]
    assert 0 < sum(sizes) <= document["text_bytes"]


def test_a_wheel_that_this_cpu_cannot_run(
    rebuilt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_cpu(monkeypatch, HASWELL)
    out = tmp_path / "out.json"
    result = run(rebuilt, "--json", out)
    assert result.exit_code == 1
    assert "AVX-512" in result.stdout
    assert result.stderr.startswith("Error: intel-tensorflow-avx512 2.14.0 needs AVX512F")
    assert result.stderr.endswith("; this CPU has not\n")
    document = json.loads(out.read_text())
    assert "AVX512F" in document["missing_on_this_cpu"]
    assert set(document["missing_on_this_cpu"]) <= set(document["used"])


def test_a_cpu_of_which_nothing_is_known(stock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_cpu(monkeypatch, None)
    result = run(stock)
    assert result.exit_code == 0
    assert result.stdout.endswith("Which instruction sets this CPU has is not known.\n")


def test_nothing_is_left_behind(
    stock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run(stock)
    assert list(tmp_path.iterdir()) == []


def test_the_installed_one_is_found() -> None:
    found = libraries.installed()
    assert found.distribution in tensorflow_distributions.installed()
    names = [library.name for library in found.libraries]
    assert "tensorflow/libtensorflow_framework.so.2" in names
    assert "tensorflow/libtensorflow_cc.so.2" in names


def test_none_installed() -> None:
    script = "import sys; sys.modules['tensorflow'] = None\n"
    script += "from tfopt.inspection import libraries\n"
    script += "try: libraries.installed()\nexcept ImportError as error: print(error)\n"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("no TensorFlow is installed: name a wheel")


def installed_from(folder: Path) -> str:
    """What is found of the TensorFlow in a folder, alone on the path."""
    (folder / "tensorflow").mkdir()
    (folder / "tensorflow" / "__init__.py").touch()
    script = "import sys; sys.path[:] = [sys.argv[1], *(p for p in sys.path if 'site-packages' not in p)]\n"
    script += "from tfopt.inspection import libraries\n"
    script += "try: print(libraries.installed().distribution)\nexcept ImportError as error: print(error)\n"
    done = subprocess.run(
        [sys.executable, "-c", script, folder], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_one_under_another_name_is_found(tmp_path: Path) -> None:
    info = tmp_path / "our_tensorflow-2.21.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: our-tensorflow\nVersion: 2.21.0\n")
    (info / "RECORD").write_text("tensorflow/__init__.py,,\n")
    assert installed_from(tmp_path) == "our-tensorflow 2.21.0"


def test_one_that_no_distribution_has(tmp_path: Path) -> None:
    assert installed_from(tmp_path) == (
        f"the TensorFlow in {tmp_path / 'tensorflow'}: its distribution is not known; name a wheel"
    )


def test_inspecting_imports_no_tensorflow(stock: Path) -> None:
    script = (
        "import sys; from tfopt.cli import main\n"
        "try: main(['inspect-tensorflow', sys.argv[1]])\nexcept SystemExit: pass\n"
        "print([name for name in sys.modules if name.partition('.')[0] == 'tensorflow'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, stock], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("[]\n")


def test_missing_file(tmp_path: Path) -> None:
    for wheel in (str(tmp_path / "none.whl"), str(tmp_path)):
        assert refused(wheel) == f"Error: WHEEL: expected a file, got {wheel!r}"


def test_out_of_reach(stock: Path, tmp_path: Path) -> None:
    for out in (tmp_path, tmp_path / "none" / "out.json"):
        message = refused(stock, "--json", out)
        assert message.startswith("Error: --json: expected a file in a folder that exists")


def test_truncated_wheels(stock: Path, tmp_path: Path) -> None:
    content, cut = stock.read_bytes(), tmp_path / "cut.whl"
    for length in (0, 1, 100, len(content) // 2, len(content) - 1):
        cut.write_bytes(content[:length])
        assert refused(cut).startswith(f"Error: {cut}: not a wheel, or a damaged or truncated one")


def test_damaged_wheels(stock: Path, tmp_path: Path) -> None:
    """Bytes changed inside a library are found by its checksum, or where it is unpacked."""
    content, damaged = bytearray(stock.read_bytes()), tmp_path / "damaged.whl"
    middle = len(content) // 2
    content[middle : middle + 8] = bytes(byte ^ 0xFF for byte in content[middle : middle + 8])
    damaged.write_bytes(content)
    assert "damaged or truncated" in refused(damaged)


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_wheels_damaged_anywhere(tmp_path: Path, compression: int) -> None:
    """Whatever it is packed with and wherever the damage is, there is one error, and it names the wheel."""
    library, damaged = tmp_path / "libtensorflow_cc.so.2", tmp_path / "damaged.whl"
    library.write_bytes(bytes(range(256)) * 8)
    whole = inspected_libraries.wheel(
        tmp_path / "whole.whl", [library], compression=compression
    ).read_bytes()
    chance = np.random.default_rng(0)
    messages = []
    for _ in range(500):
        content = bytearray(whole)
        content[chance.integers(len(whole))] ^= int(chance.integers(1, 256))
        damaged.write_bytes(content)
        try:
            with libraries.of_wheel(damaged):
                pass
        except ValueError as error:
            messages.append(str(error))
    assert 0 < len(messages) < 500
    assert all(message.startswith(f"{damaged}: ") for message in messages)


def test_an_encrypted_wheel(stock: Path, tmp_path: Path) -> None:
    content, encrypted = bytearray(stock.read_bytes()), tmp_path / "encrypted.whl"
    for header, flags in (
        (b"PK\3\4", 6),
        (b"PK\1\2", 8),
    ):  # in front of a file, and in the directory
        content[content.index(header) + flags] |= 1
    encrypted.write_bytes(content)
    message = refused(encrypted)
    assert message.startswith(f"Error: {encrypted}: not a wheel, or a damaged or truncated one: ")
    assert "is encrypted" in message


def test_what_is_no_wheel(tmp_path: Path) -> None:
    text = tmp_path / "text.whl"
    text.write_text("not a wheel\n" * 1000)
    assert "not a wheel" in refused(text)
    archive = tmp_path / "archive.whl"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("readme.txt", "hello")
    assert refused(archive).endswith("expected a wheel with one METADATA, got 0")


def test_a_wheel_without_libraries(tmp_path: Path) -> None:
    wheel = inspected_libraries.wheel(tmp_path / "pure.whl", [])
    assert refused(wheel).endswith("expected libraries in tensorflow/, got none")


def test_names_in_a_wheel_lead_nowhere(stock: Path, tmp_path: Path) -> None:
    wheel = tmp_path / "wheel.whl"
    shutil.copy(stock, wheel)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("tensorflow/../../../escaped.so", b"\x7fELF")
    assert "tensorflow/../../../escaped.so: not an ELF library" in refused(wheel)
    assert not list(tmp_path.parent.rglob("escaped.so"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an ELF library"),
        (b"INPUT(libtensorflow_cc.so.2)\n", "not an ELF library"),
        (b"\x7fELF", "not an ELF library"),
    ],
)
def test_libraries_that_are_none(tmp_path: Path, content: bytes, message: str) -> None:
    library = tmp_path / "libtensorflow_cc.so.2"
    library.write_bytes(content)
    wheel = inspected_libraries.wheel(tmp_path / "wheel.whl", [library])
    assert f"Error: tensorflow/{library.name}: {message}" in refused(wheel)


def test_another_architecture(tmp_path: Path) -> None:
    library = inspected_libraries.compiled(tmp_path / "libtensorflow_cc.so.2")
    content = bytearray(library.read_bytes())
    content[ELF_MACHINE : ELF_MACHINE + 2] = AARCH64.to_bytes(2, "little")
    library.write_bytes(content)
    wheel = inspected_libraries.wheel(tmp_path / "wheel.whl", [library])
    assert refused(wheel).endswith("expected code for x86-64, got AArch64, 64 bits")


def test_a_library_without_symbols(tmp_path: Path) -> None:
    source = "namespace tensorflow { static int hidden; }"
    library = inspected_libraries.compiled(tmp_path / "libtensorflow_cc.so.2", ["-s"], source)
    wheel = inspected_libraries.wheel(tmp_path / "wheel.whl", [library])
    assert refused(wheel).endswith("expected libraries with symbols of functions, got none")


def test_truncated_and_damaged_libraries_give_one_error(tmp_path: Path) -> None:
    whole = inspected_libraries.compiled(tmp_path / "whole.so").read_bytes()
    damaged = tmp_path / "damaged.so"
    for length in range(0, len(whole), 997):
        damaged.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"^damaged\.so: not an ELF library, or a damaged"):
            elf.read(damaged, damaged.name)
    chance = np.random.default_rng(0)
    headers = int.from_bytes(whole[40:48], "little")  # e_shoff
    messages = []
    for _ in range(500):
        content = bytearray(whole)
        place = chance.choice([chance.integers(64), chance.integers(headers, len(whole))])
        content[place] = chance.choice([0, 127, 128, 255])
        damaged.write_bytes(content)
        try:
            elf.read(damaged, damaged.name)
        except ValueError as error:
            messages.append(str(error))
    assert 0 < len(messages) < 500
    assert all(message.startswith("damaged.so: ") for message in messages)
