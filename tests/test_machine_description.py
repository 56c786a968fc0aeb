"""What results say about the machine and about TensorFlow, from made-up /proc and /sys trees."""

from __future__ import annotations

import getpass
import json
import platform
import time
from pathlib import Path

import pytest

from tfopt.profiler import machine, tensorflow_build

X86 = """\
processor\t: 0
vendor_id\t: GenuineIntel
model name\t: Intel(R)  Xeon(R) Platinum 8481C CPU @ 2.70GHz
flags\t\t: fpu sse4_1 sse4_2 avx fma avx2 avx512f amx_int8 hypervisor made_up

processor\t: 1
model name\t: another
flags\t\t: fpu
"""
ARM = """\
processor\t: 0
BogoMIPS\t: 243.75
Features\t: fp asimd aes asimddp sve i8mm bf16
CPU implementer\t: {implementer}
CPU part\t: {part}
"""


class Tree:
    """A root folder with the files that a test writes."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_x86(tree: Tree) -> None:
    tree.write("proc/cpuinfo", X86)
    cpu = machine.describe(tree.root)["cpu"]
    assert cpu["model"] == "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz"
    assert cpu["instruction_sets"] == [
        *("sse4_1", "sse4_2", "avx", "fma", "avx2", "avx512f", "amx_int8"),
    ]
    assert cpu["virtual_machine"] is True


@pytest.mark.parametrize(
    ("implementer", "part", "name"),
    [
        ("0x41", "0xd40", "Arm Neoverse V1"),
        ("0x99", "0x123", "Arm implementer 0x99 part 0x123"),
    ],
)
def test_aarch64(tree: Tree, implementer: str, part: str, name: str) -> None:
    tree.write("proc/cpuinfo", ARM.format(implementer=implementer, part=part))
    cpu = machine.describe(tree.root)["cpu"]
    assert cpu["model"] == name
    assert cpu["instruction_sets"] == ["asimd", "asimddp", "i8mm", "bf16", "sve"]


def test_caches_and_cores(tree: Tree) -> None:
    for core in range(4):
        tree.write(f"sys/devices/system/cpu/cpu{core}/topology/physical_package_id", "0")
        tree.write(f"sys/devices/system/cpu/cpu{core}/topology/core_id", str(core // 2))
    for index, (level, kind, size, shared) in enumerate(
        [
            ("1", "Data", "48K", "0-1"),
            ("2", "Unified", "2048K", "0-1"),
            ("3", "Unified", "105M", "0-3"),
        ]
    ):
        folder = f"sys/devices/system/cpu/cpu0/cache/index{index}"
        tree.write(f"{folder}/level", level)
        tree.write(f"{folder}/type", kind)
        tree.write(f"{folder}/size", size)
        tree.write(f"{folder}/shared_cpu_list", shared)
    described = machine.describe(tree.root)
    assert described["cores"]["physical"] == 2
    assert described["cpu"]["caches"] == [
        {"level": 1, "type": "data", "bytes": 48 << 10, "shared_by": 2},
        {"level": 2, "type": "unified", "bytes": 2 << 20, "shared_by": 2},
        {"level": 3, "type": "unified", "bytes": 105 << 20, "shared_by": 4},
    ]


def test_limits_memory_and_system(tree: Tree) -> None:
    tree.write("proc/meminfo", "MemTotal:       16000000 kB\nMemFree: 1 kB")
    tree.write("etc/os-release", 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"')
    tree.write("proc/self/mountinfo", f"31 20 0:27 / {tree.root}/cg rw - cgroup2 cgroup rw")
    tree.write("proc/self/cgroup", "0::/")
    tree.write("cg/cpu.max", "100000 100000")
    tree.write("cg/memory.max", "4294967296")
    described = machine.describe(tree.root)
    assert described["memory_bytes"] == 16_000_000 << 10
    assert described["os"] == "Debian GNU/Linux 12 (bookworm)"
    assert described["cgroup"] == {"version": 2, "cpus": 1.0, "memory_bytes": 4 << 30}


def test_nothing_there(tree: Tree) -> None:
    described = machine.describe(tree.root)
    assert described["cpu"]["instruction_sets"] == []
    assert described["cpu"]["caches"] == []
    assert described["memory_bytes"] is None
    assert machine.busy_percent(tree.root, 0.0) is None


def test_busy(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.write("proc/stat", "cpu  100 0 50 800 50 0 0 0 0 0")

    def later(seconds: float) -> None:
        tree.write("proc/stat", "cpu  140 0 60 840 60 0 0 0 0 0")  # 50 busy, 50 idle

    monkeypatch.setattr(time, "sleep", later)
    assert machine.busy_percent(tree.root) == 50.0


def test_this_machine_says_nothing_of_its_user() -> None:
    text = json.dumps(machine.describe())
    assert platform.node() not in text or len(platform.node()) < 4
    assert f'"{getpass.getuser()}"' not in text
    assert "/" not in text.replace("GNU/Linux", "")


FLAGS = ["sse4_1", "sse4_2", "avx", "avx2", "fma", "avx512f"]
ONEDNN = "I0000 00:00:1795237129.184946   13603 port.cc:153] oneDNN custom operations are on.\n"
MISSING = (
    "2023-11-01 10:00:00.123456: I tensorflow/core/platform/cpu_feature_guard.cc:182] This "
    "TensorFlow binary is optimized to use available CPU instructions.\n"
    "To enable the following instructions: AVX2 AVX512F FMA, in other operations, rebuild "
    "TensorFlow with the appropriate compiler flags.\n"
)


def test_stock_build() -> None:
    for log in (ONEDNN + MISSING, MISSING):
        assert tensorflow_build.instruction_sets(log, FLAGS) == {
            "compiled_with": ["SSE4.1", "SSE4.2", "AVX"],
            "not_compiled_with": ["AVX2", "AVX512F", "FMA"],
        }


def test_a_build_that_uses_all_the_cpu_has() -> None:
    assert tensorflow_build.instruction_sets(ONEDNN, FLAGS) == {
        "compiled_with": ["SSE4.1", "SSE4.2", "AVX", "AVX2", "AVX512F", "FMA"],
        "not_compiled_with": [],
    }


@pytest.mark.parametrize("log", ["", "Traceback (most recent call last):\n", "hello\n"])
def test_silence_proves_nothing(log: str) -> None:
    assert tensorflow_build.instruction_sets(log, FLAGS) is None


def test_settings_without_paths() -> None:
    environment = {
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "XLA_FLAGS": "--xla_dump_to=/home/somebody",
        "HOME": "/home/somebody",
        "OMP_NUM_THREADS": "4",
    }
    assert tensorflow_build.settings(environment) == {
        "OMP_NUM_THREADS": "4",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "XLA_FLAGS": "(a path)",
    }


def test_build_without_paths() -> None:
    report = {
        "compile_flags": ["-I/home/somebody/include", "--std=c++17"],
        "build_info": {"cpu_compiler": "/usr/lib/llvm-16/bin/clang", "is_cuda_build": False},
    }
    assert tensorflow_build.without_paths(report) == {
        "compile_flags": ["--std=c++17"],
        "build_info": {"cpu_compiler": "clang", "is_cuda_build": False},
    }


def test_installed_tensorflow() -> None:
    flags = machine.describe()["cpu"]["instruction_sets"]
    build = tensorflow_build.describe(flags)
    assert build["version"].startswith("2.")
    assert any("tensorflow" in name for name in build["distributions"])
    if platform.machine() == "x86_64":
        assert build["instruction_sets"] is not None
        assert "SSE4.2" in build["instruction_sets"]["compiled_with"]
    assert "-packages" not in json.dumps(build)


def test_no_tensorflow(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'Traceback' >&2\necho 'ImportError: no' >&2\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(RuntimeError, match="cannot be imported: ImportError: no"):
        tensorflow_build.describe([], str(python))
