#include "engine/kernels/kernels.h"

#include "engine/kernels/levels.h"

namespace tfopt {
namespace {

// A level's kernels, with those of the other types of weights, which may be of further levels.
#define TFOPT_KERNELS_OF(level, isa, bfloat16, integers)                                       \
  Complete(level::kKernels, isa,                                                               \
           {bfloat16::kBfloat16, integers::kInt16, integers::kInt8},                           \
           {level::kSparseFloat32, level::kSparseBfloat16, integers::kSparseInt8})

struct Dense {
  const MatrixKernels &bfloat16, &int16, &int8;
};
struct Sparse {
  const MatrixKernels &float32, &bfloat16, &int8;
};

Kernels Complete(Kernels kernels, Isa isa, const Dense& dense, const Sparse& sparse) {
  const auto index = [](WeightType type) { return static_cast<int>(type); };
  kernels.isa = isa;
  kernels.dense[index(WeightType::kBfloat16)] = dense.bfloat16;
  kernels.dense[index(WeightType::kInt16)] = dense.int16;
  kernels.dense[index(WeightType::kInt8)] = dense.int8;
  kernels.sparse[index(WeightType::kFloat32)] = sparse.float32;
  kernels.sparse[index(WeightType::kBfloat16)] = sparse.bfloat16;
  kernels.sparse[index(WeightType::kInt8)] = sparse.int8;
  return kernels;
}

}  // namespace

const Kernels& KernelsOf([[maybe_unused]] Isa isa) {
#if defined(__aarch64__)
  static const Kernels neon = TFOPT_KERNELS_OF(neon, Isa::kNeon, neon, neon);
  return neon;
#else
#if defined(__x86_64__)
  if (isa == Isa::kAvx512Bf16) {
    static const Kernels kernels = TFOPT_KERNELS_OF(avx512, isa, avx512_bf16, avx512_vnni);
    return kernels;
  }
  if (isa == Isa::kAvx512Vnni) {
    static const Kernels kernels = TFOPT_KERNELS_OF(avx512, isa, avx512, avx512_vnni);
    return kernels;
  }
  if (isa == Isa::kAvx512) {
    static const Kernels kernels = TFOPT_KERNELS_OF(avx512, isa, avx512, avx512);
    return kernels;
  }
  if (isa == Isa::kAvx2) {
    static const Kernels kernels = TFOPT_KERNELS_OF(avx2, isa, avx2, avx2);
    return kernels;
  }
#endif
  static const Kernels kernels = TFOPT_KERNELS_OF(baseline, Isa::kBaseline, baseline, baseline);
  return kernels;
#endif
}

}  // namespace tfopt
