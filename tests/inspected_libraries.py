"""Small libraries and wheels for the tests of inspection: compiled here, with known instructions inside."""

from __future__ import annotations

import os
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

SOURCE = """
#include <immintrin.h>

#include <cstdint>

namespace Eigen {
// Compiled for whatever the flags say.
void scaled_add(float* out, const float* in, float scale, int n) {
  for (int i = 0; i < n; ++i) out[i] += scale * in[i];
}
float product(float a, float b) { return a * b; }
void add(int32_t* out, const int32_t* in, int n) {
  for (int i = 0; i < n; ++i) out[i] += in[i];
}
}  // namespace Eigen

// What libraries do that choose at run time: code for other CPUs, whatever the flags.
namespace dnnl::impl {
__attribute__((target("avx512f"))) void gemm(float* out, const float* in) {
  __m512 sum = _mm512_fmadd_ps(_mm512_loadu_ps(in), _mm512_set1_ps(3), _mm512_loadu_ps(out));
  _mm512_storeu_ps(out, sum);
}
}  // namespace dnnl::impl
extern "C" __attribute__((target("avx2"))) void xnn_s8_kernel(int8_t* out, const int8_t* in) {
  __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_add_epi8(bytes, bytes));
}
// Assemblers leave functions without a size.
asm(".text\\n.globl jsimd_add_avx2\\n.type jsimd_add_avx2, @function\\njsimd_add_avx2:\\n"
    "vpaddd %ymm0, %ymm0, %ymm0\\nret\\n");
"""
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


def compiled(path: Path, flags: Sequence[str] = (), source: str = SOURCE) -> Path:
    """Compiles a shared library."""
    command = [os.environ.get("CXX", "c++"), "-x", "c++", "-", "-std=c++17", "-shared", "-fPIC"]
    command += ["-O3", "-ffp-contract=fast", "-o", str(path), *flags]
    subprocess.run(command, input=source, text=True, check=True, timeout=120)
    return path


def wheel(
    path: Path,
    libraries: Sequence[Path],
    name: str = "tensorflow-cpu",
    version: str = "2.21.0",
    compression: int = zipfile.ZIP_DEFLATED,
) -> Path:
    """Packs libraries as TensorFlow's wheels do."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        folder = f"{name.replace('-', '_')}-{version}.dist-info"
        archive.writestr(f"{folder}/METADATA", METADATA.format(name=name, version=version))
        archive.writestr("tensorflow/__init__.py", "raise AssertionError('imported')\n")
        for library in libraries:
            archive.write(library, f"tensorflow/{library.name}")
    return path
