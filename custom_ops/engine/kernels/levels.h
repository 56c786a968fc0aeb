// The tables of the levels, each defined in the file of its name.
#ifndef TFOPT_ENGINE_KERNELS_LEVELS_H_
#define TFOPT_ENGINE_KERNELS_LEVELS_H_

#include "engine/kernels/kernels.h"

namespace tfopt {
namespace baseline {
extern const Kernels kKernels;
}
namespace neon {
extern const Kernels kKernels;
}
namespace avx2 {
extern const Kernels kKernels;
}
namespace avx512 {
extern const Kernels kKernels;
}
}  // namespace tfopt

#endif  // TFOPT_ENGINE_KERNELS_LEVELS_H_
