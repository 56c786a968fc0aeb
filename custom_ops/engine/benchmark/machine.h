// What one core of this machine can do at most: the measures that generation is held against.
#ifndef TFOPT_ENGINE_BENCHMARK_MACHINE_H_
#define TFOPT_ENGINE_BENCHMARK_MACHINE_H_

#include <cstddef>

#include "engine/kernels/kernels.h"

namespace tfopt {

// Bytes per second at which this core reads a buffer of `bytes` (rounded up to whole kilobytes) again and
// again: the median of passes over about `seconds`. Throws std::bad_alloc.
double MeasureBandwidth(const Kernels& kernels, size_t bytes, double seconds);

// Multiply-adds per second that this core makes out of registers, the median likewise. One multiply-add
// counts as one.
double MeasureArithmetic(const Kernels& kernels, double seconds);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_BENCHMARK_MACHINE_H_
