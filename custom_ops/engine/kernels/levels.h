// What each level defines, in the files of its name.
#ifndef TFOPT_ENGINE_KERNELS_LEVELS_H_
#define TFOPT_ENGINE_KERNELS_LEVELS_H_

#include "engine/kernels/kernels.h"

namespace tfopt {
namespace baseline {
extern const Kernels kKernels;  // but for the matrices of other types than float32
extern const MatrixKernels kBfloat16, kInt16, kInt8, kSparseFloat32, kSparseBfloat16, kSparseInt8;
}
namespace neon {
extern const Kernels kKernels;  // but for the matrices of other types than float32
extern const MatrixKernels kBfloat16, kInt16, kInt8, kSparseFloat32, kSparseBfloat16, kSparseInt8;
}
namespace avx2 {
extern const Kernels kKernels;  // but for the matrices of other types than float32
extern const MatrixKernels kBfloat16, kInt16, kInt8, kSparseFloat32, kSparseBfloat16, kSparseInt8;
}
namespace avx512 {
extern const Kernels kKernels;  // but for the matrices of other types than float32
extern const MatrixKernels kBfloat16, kInt16, kInt8, kSparseFloat32, kSparseBfloat16, kSparseInt8;
}
// AVX-512 and more.
namespace avx512_vnni {
extern const MatrixKernels kInt16, kInt8, kSparseInt8;
}
namespace avx512_bf16 {
extern const MatrixKernels kBfloat16;
}
}  // namespace tfopt

#endif  // TFOPT_ENGINE_KERNELS_LEVELS_H_
