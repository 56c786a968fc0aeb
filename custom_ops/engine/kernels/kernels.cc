#include "engine/kernels/kernels.h"

#include "engine/kernels/levels.h"

namespace tfopt {

const Kernels& KernelsOf([[maybe_unused]] Isa isa) {
#if defined(__aarch64__)
  return neon::kKernels;
#else
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return avx512::kKernels;
  if (isa == Isa::kAvx2) return avx2::kKernels;
#endif
  return baseline::kKernels;
#endif
}

}  // namespace tfopt
