"""What CPUs have, what builds of TensorFlow need, and the check of both before the import."""

from __future__ import annotations

import itertools
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tfopt import cpu_flags, instruction_sets, tensorflow_distributions
from tfopt.instruction_sets import FLAGS, LEVELS
from tfopt.tensorflow_distributions import Distribution

NEHALEM = "fpu sse sse2 pni ssse3 sse4_1 sse4_2 popcnt"
SANDY_BRIDGE = f"{NEHALEM} avx"
HASWELL = f"{SANDY_BRIDGE} f16c fma bmi1 bmi2 abm movbe avx2"
SKYLAKE = f"{HASWELL} avx512f avx512cd avx512bw avx512dq avx512vl"


def cpuinfo(folder: Path, flags: str) -> Path:
    file = folder / "cpuinfo"
    block = f"processor\t: {{}}\nvendor_id\t: GenuineIntel\nflags\t\t: {flags}\nbugs\t\t: spectre_v1\n\n"
    file.write_text(block.format(0) + block.replace(flags, "fpu").format(1))
    return file


def test_flags_of_the_first_processor(tmp_path: Path) -> None:
    assert cpu_flags.from_cpuinfo(cpuinfo(tmp_path, HASWELL)) == frozenset(HASWELL.split())


@pytest.mark.parametrize("text", ["", "processor\t: 0\nFeatures\t: fp asimd\n", "\0\xff\n"])
def test_no_flags(tmp_path: Path, text: str) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(text, encoding="latin-1")
    assert cpu_flags.from_cpuinfo(file) is None
    assert cpu_flags.from_cpuinfo(tmp_path / "missing") is None


@pytest.mark.skipif(platform.machine() != "x86_64", reason="other CPUs have other instruction sets")
def test_the_c_library_and_the_kernel_agree() -> None:
    usable, shown = cpu_flags.usable(), cpu_flags.from_cpuinfo()
    assert usable is not None
    assert shown is not None
    assert usable & set(FLAGS.values()) == shown & set(FLAGS.values())


def test_every_set_can_be_asked_for() -> None:
    assert set(cpu_flags._BITS) == set(FLAGS.values())
    assert len(set(cpu_flags._BITS.values())) == len(cpu_flags._BITS)


def test_what_a_cpu_lacks() -> None:
    assert instruction_sets.lacking(["AVX2", "AVX", "FMA"], SANDY_BRIDGE.split()) == ("FMA", "AVX2")
    assert instruction_sets.lacking(LEVELS["x86-64-v3"], HASWELL.split()) == ()
    assert instruction_sets.lacking(LEVELS["x86-64-v4"], HASWELL.split()) == (
        *("AVX512F", "AVX512CD", "AVX512BW", "AVX512DQ", "AVX512VL"),
    )


@pytest.mark.parametrize(
    ("used", "level"),
    [
        ((), None),
        (("AVX", "F16C"), None),
        (("AVX", "FMA", "AVX2"), None),
        (LEVELS["x86-64-v3"], "x86-64-v3"),
        (LEVELS["x86-64-v3"][5:], "x86-64-v3"),
        ((*LEVELS["x86-64-v3"], "AVX512F"), "x86-64-v3"),
        (LEVELS["x86-64-v4"], "x86-64-v4"),
        (tuple(FLAGS), "sapphirerapids"),
        ((*LEVELS["x86-64-v4"], "AVX512_VNNI", "GFNI"), "x86-64-v4"),
        ((*LEVELS["x86-64-v4"], "AVX512_BF16"), "sapphirerapids"),
        ((*sorted({*LEVELS["x86-64-v4"]} - {"F16C"}), "AVX512_FP16"), "sapphirerapids"),
        ((*LEVELS["x86-64-v3"], "AVX512_FP16"), "x86-64-v3"),
    ],
)
def test_level_of_what_is_used(used: tuple[str, ...], level: str | None) -> None:
    assert instruction_sets.level(used) == level


def test_levels_contain_those_before() -> None:
    levels = list(LEVELS.values())
    for lower, higher in itertools.pairwise(levels):
        assert set(lower) < set(higher) <= set(FLAGS)


@pytest.mark.parametrize(
    ("name", "version", "level"),
    [
        ("tensorflow-cpu", "2.21.0+x86.64.v3", "x86-64-v3"),
        ("tensorflow-cpu", "2.14.0+x86.64.v4", "x86-64-v4"),
        ("tensorflow", "2.21.0+sapphirerapids", "sapphirerapids"),
        ("tensorflow-cpu", "2.21.0+native.x86.64.v3", "x86-64-v3"),
        ("tensorflow-cpu", "2.21.0+somebody.else", None),
        ("tensorflow-cpu", "2.21.0", None),
    ],
)
def test_level_of_a_label(name: str, version: str, level: str | None) -> None:
    distribution = Distribution(name, version)
    assert distribution.level == level
    if level is not None:
        assert distribution.needed == LEVELS[level]


@pytest.mark.parametrize(
    ("name", "version", "flags"),
    [
        ("tensorflow-cpu", "2.14.0", SANDY_BRIDGE),
        ("intel-tensorflow", "2.14.0", SANDY_BRIDGE),
        ("tensorflow-cpu", "2.20.0", SANDY_BRIDGE),
        ("tensorflow-cpu", "2.21.0", HASWELL),
        ("tensorflow-cpu", "2.21.0+x86.64.v3", HASWELL),
        ("intel-tensorflow-avx512", "2.14.0", SKYLAKE),
        ("tensorflow-cpu", "2.21.0+somebody.else", HASWELL),
        ("tf-nightly", "not a version", SANDY_BRIDGE),
    ],
)
def test_a_cpu_that_suits(name: str, version: str, flags: str) -> None:
    tensorflow_distributions.check(Distribution(name, version), flags.split())


@pytest.mark.parametrize(
    ("name", "version", "flags", "missing", "remedy"),
    [
        ("tensorflow-cpu", "2.14.0", NEHALEM, "AVX", "use another CPU"),
        ("tensorflow-cpu", "2.21.0+x86.64.v3", NEHALEM, "AVX, F16C, FMA, BMI1", "use another CPU"),
        ("tensorflow-cpu", "2.21.0", SANDY_BRIDGE, "F16C", "pip install 'tensorflow-cpu<2.21'"),
        (
            *("tensorflow-cpu", "2.21.0+x86.64.v4", HASWELL),
            *(
                "AVX512F, AVX512CD, AVX512BW, AVX512DQ, AVX512VL",
                "pip install tensorflow-cpu==2.21.0",
            ),
        ),
        (
            *("intel-tensorflow-avx512", "2.14.0", HASWELL),
            "AVX512F, AVX512CD, AVX512BW, AVX512DQ, AVX512VL",
            "pip uninstall --yes intel-tensorflow-avx512 && pip install tensorflow-cpu==2.14.0",
        ),
        ("tensorflow", "2.21.0+sapphirerapids", SKYLAKE, "AVX512_IFMA", "tensorflow-cpu==2.21.0"),
        *(
            (
                "tf-nightly",
                f"{version}+x86.64.v3",
                SANDY_BRIDGE,
                "F16C, FMA",
                "pip install tensorflow-cpu",
            )
            for version in ("2.20.0.dev20250101", "2.20.0rc1", "2.20.0-rc1")
        ),
    ],
)
def test_a_cpu_that_does_not(
    name: str, version: str, flags: str, missing: str, remedy: str
) -> None:
    with pytest.raises(ImportError) as raised:
        tensorflow_distributions.check(Distribution(name, version), flags.split())
    message = str(raised.value)
    assert message.startswith(f"{name} {version} needs {missing}")
    assert "; this CPU has not; " in message
    assert message.endswith(remedy)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="no wheel for other CPUs is labelled")
def test_start_refuses_before_the_import(tmp_path: Path) -> None:
    """With a made-up package on the path and a made-up CPU; nothing of TensorFlow is loaded."""
    metadata = tmp_path / "intel_tensorflow_avx512-2.14.0.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: intel-tensorflow-avx512\nVersion: 2.14.0\n")
    script = (
        "import pathlib, sys\n"
        "from tfopt import cpu_flags, tensorflow_runtime\n"
        "flags = cpu_flags.from_cpuinfo(pathlib.Path(sys.argv[1]))\n"
        "cpu_flags.usable = lambda: flags\n"
        "try: tensorflow_runtime.start()\n"
        "except ImportError as error: print('tensorflow' in sys.modules, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, cpuinfo(tmp_path, HASWELL)],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("False intel-tensorflow-avx512 2.14.0 needs AVX512F, AVX512CD,")
