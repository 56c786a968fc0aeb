// Checks of the numbers in a tensor, and the choice of the instruction set.
#ifndef TFOPT_TENSORFLOW_VALUES_H_
#define TFOPT_TENSORFLOW_VALUES_H_

#include "engine/kernels/kernels.h"
#include "engine/status.h"
#include "kernel_context.h"

namespace tfopt {

constexpr int kMostThreads = 4096;  // for the attributes `threads`; more than machines have

// Every number is finite; an error gives the place of the first that is not.
Status CheckFinite(const char* name, const Input<float>& input);

// Every number lies in [0, 1).
Status CheckUniform(const char* name, const Input<float>& input);

// Reads input `index`, "temperature": one number, finite and at least 0.
Status ReadTemperature(KernelContext& context, int index, float* temperature);

// The kernels of the best instruction set of this CPU, or of the one that TFOPT_ISA names.
Status ChooseKernels(const Kernels** kernels);

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_VALUES_H_
