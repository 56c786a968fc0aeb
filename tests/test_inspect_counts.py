"""What inspection counts in small libraries, beside what objdump shows of the same code."""

from __future__ import annotations

import platform
import re
import subprocess
from pathlib import Path

import inspected_libraries
import pytest

from tfopt.inspection import elf, examination, findings, origins
from tfopt.inspection.findings import Findings
from tfopt.inspection.libraries import Library
from tfopt.tensorflow_distributions import Distribution

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="the tests compile code for x86-64"
)
NAMED = Distribution("tensorflow-cpu", "2.21.0")


def inspect(*paths: Path) -> Findings:
    examined = examination.examine([Library(path.name, path) for path in paths])
    return findings.conclude(NAMED, examined, frozenset())


@pytest.mark.parametrize(
    ("flags", "used", "unused"),
    [
        ([], (), ("AVX", "FMA", "AVX2", "AVX512F")),
        (["-mavx"], ("AVX",), ("FMA", "AVX2", "AVX512F")),
        (["-mavx2"], ("AVX", "AVX2"), ("FMA", "AVX512F")),
        (["-mavx2", "-mfma"], ("AVX", "FMA", "AVX2"), ("AVX512F",)),
        (["-march=x86-64-v4", "-mprefer-vector-width=512"], ("AVX512F", "FMA"), ("AVX512_VNNI",)),
    ],
)
def test_flags_show_outside_the_libraries_that_choose_at_run_time(
    tmp_path: Path, flags: list[str], used: tuple[str, ...], unused: tuple[str, ...]
) -> None:
    found = inspect(inspected_libraries.compiled(tmp_path / "a.so", flags))
    assert set(used) <= set(found.used)
    assert not set(unused) & set(found.used)
    assert not any(found.outside.users[name] for name in unused)
    # The same in every build.
    assert found.onednn.users["AVX-512"] == found.onednn.users["FMA"] == 1
    assert {name for name in origins.DISPATCHING if name in found.examination.origins} == {
        "oneDNN",
        "XNNPACK",
        "libjpeg-turbo",
    }
    assert found.examination.origins["XNNPACK"].users["AVX2"] == 1
    assert found.examination.origins["libjpeg-turbo"].instructions["AVX2"] == 1


# Ordinary code, which a compiler writes with all sets of x86-64-v4 if it may.
ORDINARY = """
#include <cstdint>

namespace tensorflow {
void bits(uint32_t* out, const uint32_t* in, int n) {
  for (int i = 0; i < n; ++i) out[i] = __builtin_clz(in[i]);
}
void doubles(double* out, const int64_t* in, int n) {
  for (int i = 0; i < n; ++i) out[i] = in[i] * 2.0 + out[i];
}
void bytes(int8_t* out, const int8_t* in, int n) {
  for (int i = 0; i < n; ++i) out[i] = in[i] > 3 ? in[i] : out[i];
}
void eight(int* out, const int* in) {
  for (int i = 0; i < 8; ++i) out[i] += in[i];
}
void masked(float* out, const float* in) {
  for (int i = 0; i < 8; ++i) out[i] = in[i] > 0 ? in[i] : 1;
}
int one(uint32_t x, int n) { return (x & (x - 1)) << n; }
uint32_t zeros(uint32_t x) { return __builtin_clz(x); }
uint32_t swapped(const uint32_t* x) { return __builtin_bswap32(*x); }
void halves(_Float16* out, const _Float16* in, int n) {
  for (int i = 0; i < n; ++i) out[i] += 3 * in[i];
}
}  // namespace tensorflow
"""


@pytest.mark.parametrize("level", ["x86-64-v3", "x86-64-v4", "sapphirerapids"])
def test_the_level_that_code_was_compiled_for(tmp_path: Path, level: str) -> None:
    flags = [f"-march={level}", "-mprefer-vector-width=512"]
    assert inspect(inspected_libraries.compiled(tmp_path / "a.so", flags, ORDINARY)).level == level


def test_every_set_used_is_missing_on_a_cpu_that_has_none(tmp_path: Path) -> None:
    found = inspect(inspected_libraries.compiled(tmp_path / "a.so", ["-mavx2", "-mfma"]))
    assert found.missing == found.used


@pytest.mark.parametrize("flags", [["-mavx"], ["-mavx2", "-mfma"], ["-march=x86-64-v4"]])
def test_counts_are_those_of_another_disassembler(tmp_path: Path, flags: list[str]) -> None:
    path = inspected_libraries.compiled(tmp_path / "a.so", flags)
    listing = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", path], capture_output=True, text=True, check=True
    ).stdout
    found = inspect(path)
    tallies = found.examination.origins.values()
    fused, separate = (sum(getattr(tally, of) for tally in tallies) for of in ("fused", "separate"))
    assert fused == len(re.findall(r"\tvfn?m(?:add|sub)\w+ ", listing)) > 0
    assert separate == len(re.findall(r"\tv?(?:mul|add|sub)[ps][sd] ", listing)) > 0
    gemm = listing.partition("<_ZN4dnnl4impl4gemm")[2].partition("\n\n")[0]
    assert found.onednn.instructions["AVX512F"] == len(re.findall(r"\tv\w+ .*%zmm", gemm)) > 0


def test_a_stripped_library_is_judged_by_what_it_exports(tmp_path: Path) -> None:
    whole = inspect(inspected_libraries.compiled(tmp_path / "a.so", ["-mavx2"]))
    stripped = inspect(inspected_libraries.compiled(tmp_path / "b.so", ["-mavx2", "-s"]))
    assert stripped.used == whole.used
    assert stripped.onednn == whole.onednn
    assert stripped.outside.functions < whole.outside.functions


def test_libraries_add_up(tmp_path: Path) -> None:
    one = inspected_libraries.compiled(tmp_path / "a.so", ["-mavx"])
    two = inspected_libraries.compiled(tmp_path / "b.so", ["-mavx2", "-mfma"])
    alone, other, both = inspect(one), inspect(two), inspect(one, two)
    assert both.outside.functions == alone.outside.functions + other.outside.functions
    assert both.outside.instructions == alone.outside.instructions + other.outside.instructions
    assert both.used == other.used


def test_many_chunks_in_processes_give_what_one_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    functions = "\n".join(
        f"void f{i}(float* x) {{ for (int j = 0; j < 64; ++j) x[j] *= {i}.5f; }}" for i in range(60)
    )
    source = f"namespace tensorflow {{ {functions} }}"
    library = Library("a.so", inspected_libraries.compiled(tmp_path / "a.so", ["-mavx"], source))
    whole = examination.examine([library])
    seen: list[tuple[int, int]] = []
    monkeypatch.setattr(examination, "_CHUNK_BYTES", 1000)
    monkeypatch.setattr(examination, "available_cpus", lambda: 2)
    cut = examination.examine([library], lambda done, total: seen.append((done, total)))
    assert cut == whole
    assert whole.origins["TensorFlow"].users["AVX"] == 60
    assert len(seen) > 4
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert seen[0][0] == 0
    assert seen[-1][0] == seen[-1][1] <= whole.text_bytes


def test_functions_do_not_overlap_and_lie_in_the_file(tmp_path: Path) -> None:
    path = inspected_libraries.compiled(tmp_path / "a.so")
    code = elf.read(path)
    ends = code.offsets + code.sizes
    assert (ends[:-1] <= code.offsets[1:]).all()
    assert ends[-1] <= path.stat().st_size
    assert code.sizes.sum() <= code.text_bytes
    assert b"xnn_s8_kernel" in code.names


@pytest.mark.parametrize(
    ("symbol", "library"),
    [
        (b"_ZN4dnnl4impl3cpu3x6415jit_generator_t8generateEv", "oneDNN"),
        (b"_ZNK4dnnl4impl9primitive7executeEv", "oneDNN"),
        (b"_ZNSt6vectorIN4dnnl6memoryESaIS1_EE9push_backERKS1_", "oneDNN"),
        (b"_ZZN4dnnl4impl8parallelEiRKSt8functionIFviiEEENKUlvE_clEv", "oneDNN"),
        (b"_ZThn16_N4dnnl4impl6streamD0Ev", "oneDNN"),
        (b"dnnl_sgemm", "oneDNN"),
        (b"_ZN10tensorflow9MklMatMulEN4dnnl6memoryE", "TensorFlow"),
        (b"_ZGVZN10tensorflow3RunEvE5cache", "TensorFlow"),
        (b"TFE_NewContext", "TensorFlow"),
        (b"_ZN5Eigen8internal13gebp_traitsIffE4maddEv", "Eigen"),
        (b"_ZN9__gnu_cxx13new_allocatorIN5Eigen4halfEE10deallocateEPS2_m", "Eigen"),
        (b"_ZN4mlir3TFL12_GLOBAL__N_17ConvertEv", "LLVM and MLIR"),
        (b"_ZN3jxl6N_AVX29DequantDCERKi", "libjxl"),
        (b"_ZN4absl5Mutex4LockEv", origins.OTHERS),
        (b"xnn_f32_gemm_minmax_ukernel_8x16__avx512f_broadcast", "XNNPACK"),
        (b"_ecp_nistz256_mul_montx", "BoringSSL"),
        (b"__ecp_nistz256_mul_montx", "BoringSSL"),
        (b"jsimd_ycc_rgb_convert_avx2", "libjpeg-turbo"),
        (b"sqlite3_open", origins.UNNAMED),
        (b"_ZN12_GLOBAL__N_16ConvertEN4mlir5ValueE", origins.UNNAMED),
        (b"_Z6squarePN4dnnl6memoryE", origins.UNNAMED),
        (b"_ZL5local5Value", origins.UNNAMED),
        (b"_ZNSt6vectorIfSaIfEED2Ev", origins.UNNAMED),
        (b"", origins.UNNAMED),
        (b"_Z", origins.UNNAMED),
        (b"_ZN99999short", origins.OTHERS),
    ],
)
def test_library_by_symbol(symbol: bytes, library: str) -> None:
    assert origins.of(symbol) == library
