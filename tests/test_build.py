"""Building the library of custom ops, and the wheel that takes it along."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LIBRARY = Path("model/tfopt/libtfopt_ops.so")


class Checkout:
    """The project's own build files around sources and a TensorFlow that take no time to compile."""

    def __init__(self, folder: Path):
        self.folder = folder
        for name in (
            "CMakeLists.txt",
            "CMakePresets.json",
            "custom_ops/engine/CMakeLists.txt",
            "custom_ops/tensorflow/CMakeLists.txt",
            "custom_ops/tensorflow/exports.map",
            "tools/build_folder.sh",
            "tools/build_ops.sh",
        ):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        for level in "baseline", "avx2", "avx512", "neon":
            for name in level, f"integers_{level}":
                self.write(f"custom_ops/engine/kernels/{name}.cc", f"int {name}();")
        for name in "integers_avx512_vnni", "bfloat16_avx512":
            self.write(f"custom_ops/engine/kernels/{name}.cc", f"int {name}();")
        self.op = self.write("custom_ops/tensorflow/op.cc", "")
        self.result(1)

        self.tensorflow = folder / "site" / "tensorflow"
        self.write("site/tensorflow/include/tensorflow/c/ops.h", 'extern "C" int TF_Op();')
        framework = self.write("framework.cc", 'extern "C" int TF_Op() { return 1; }')
        name = "libtensorflow_framework.so.2"
        shared = ["-shared", "-fPIC", f"-Wl,-soname={name}"]
        subprocess.run(
            [os.environ.get("CXX", "c++"), *shared, framework, "-o", self.tensorflow / name],
            check=True,
        )
        self.write("site/tensorflow/__init__.py", "raise SystemExit('slow to import')")
        (folder / LIBRARY.parent).mkdir(parents=True)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
        return path

    def result(self, value: int) -> None:
        """Changes what the only op computes."""
        self.op.write_text(
            '#include "tensorflow/c/ops.h"\n'
            'extern "C" __attribute__((visibility("default"))) int tfopt_isa() '
            f"{{ return TF_Op() + {value}; }}\n"
        )

    def build(self, status: int = 0, **variables: str) -> str:
        """Runs the script; returns what it printed."""
        done = subprocess.run(
            ["tools/build_ops.sh", sys.executable],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder / "site"), **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        self.error = done.stderr
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def called(self) -> int:
        """What the op in the library computes, asked in a process of its own."""
        script = (
            "import ctypes, sys; ctypes.CDLL(sys.argv[1], ctypes.RTLD_GLOBAL);"
            "print(ctypes.CDLL(sys.argv[2]).tfopt_isa())"
        )
        framework = self.tensorflow / "libtensorflow_framework.so.2"
        command = [sys.executable, "-c", script, str(framework), str(self.folder / LIBRARY)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_the_library_is_built_once_and_again_for_changed_sources(checkout: Checkout) -> None:
    assert checkout.build() == f"==> Built {LIBRARY}\n"
    assert checkout.called() == 2
    library = (checkout.folder / LIBRARY).stat()
    assert checkout.build() == ""
    assert (checkout.folder / LIBRARY).stat() == library
    checkout.result(4)
    assert checkout.build() == f"==> Built {LIBRARY}\n"
    assert checkout.called() == 5
    assert list((checkout.folder / "model/tfopt").iterdir()) == [checkout.folder / LIBRARY]


def test_a_new_source_is_compiled(checkout: Checkout) -> None:
    checkout.build()
    checkout.write("custom_ops/tensorflow/new.cc", "this is no C++")
    checkout.build(status=1)
    assert "new.cc" in checkout.error
    assert checkout.error.endswith("build_ops: the ops do not compile\n")
    assert checkout.called() == 2


def test_what_tensorflow_lacks_is_no_surprise_at_run_time(checkout: Checkout) -> None:
    checkout.op.write_text("int Missing(); int Op(); int Op() { return Missing(); }\n")
    checkout.build(status=1)
    assert "Missing()" in checkout.error


def test_a_moved_checkout_builds(checkout: Checkout, tmp_path: Path) -> None:
    checkout.build()
    moved = tmp_path / "moved"
    moved.mkdir()
    for path in list(tmp_path.iterdir()):
        if path != moved:
            path.rename(moved / path.name)
    checkout.folder = moved
    checkout.tensorflow = moved / "site" / "tensorflow"
    checkout.build()
    assert checkout.called() == 2


def test_a_tensorflow_without_headers_is_one_clear_line(checkout: Checkout) -> None:
    shutil.rmtree(checkout.tensorflow / "include")
    checkout.build(status=1)
    assert checkout.error == (
        f"build_ops: {checkout.tensorflow} has no C headers (include/tensorflow/c) to build the ops "
        "against: install it anew\n"
    )


def test_a_missing_compiler_is_one_clear_line(checkout: Checkout) -> None:
    checkout.build(status=1, CXX="missing-c++")
    assert checkout.error == (
        "build_ops: needs a C++ compiler, and missing-c++ is not there: install one "
        "(sudo apt-get install g++)\n"
    )


def wheel(folder: Path) -> Path:
    """The wheel of a copy of the package, in which `model/tfopt` may hold a library."""
    for name in "pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".gitignore":
        shutil.copy(ROOT / name, folder)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"],
        cwd=folder,
        capture_output=True,
        check=True,
    )
    (built,) = (folder / "dist").iterdir()
    return built


def test_a_wheel_takes_the_library_along_for_every_python_and_tensorflow(tmp_path: Path) -> None:
    (tmp_path / LIBRARY.parent).mkdir(parents=True)
    shutil.copy(ROOT / "model/tfopt/__init__.py", tmp_path / LIBRARY.parent)
    (tmp_path / LIBRARY).write_bytes(b"machine code")
    built = wheel(tmp_path)
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    assert built.name.endswith(f"-py3-none-{platform}.whl")
    with zipfile.ZipFile(built) as archive:
        assert archive.read("tfopt/libtfopt_ops.so") == b"machine code"
        metadata = next(name for name in archive.namelist() if name.endswith("/WHEEL"))
        assert b"Root-Is-Purelib: false" in archive.read(metadata)


def test_a_wheel_without_the_library_is_for_every_platform(tmp_path: Path) -> None:
    (tmp_path / LIBRARY.parent).mkdir(parents=True)
    shutil.copy(ROOT / "model/tfopt/__init__.py", tmp_path / LIBRARY.parent)
    built = wheel(tmp_path)
    assert built.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(built) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".so")]
