// What ops return of the vectors that a model's matrices have multiplied: counts [matrices, bins] and the largest
// magnitudes [matrices], of the matrices of the format in the order of the layout.
#ifndef TFOPT_TENSORFLOW_OBSERVATIONS_H_
#define TFOPT_TENSORFLOW_OBSERVATIONS_H_

#include "engine/kernels/input_histogram.h"
#include "engine/status.h"
#include "kernel_context.h"
#include "shape_context.h"

namespace tfopt {

// As outputs `first` and `first` + 1.
Status WriteObservations(KernelContext& context, int first, const InputHistograms& observed);
Status InferObservations(ShapeContext& context, int first);

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_OBSERVATIONS_H_
