// Kernels of linear layers in the layout that the matrix kernels read (see Matrix in kernels/kernels.h).
#ifndef TFOPT_ENGINE_PACKING_MATRIX_H_
#define TFOPT_ENGINE_PACKING_MATRIX_H_

#include <cstddef>

#include "engine/kernels/kernels.h"

namespace tfopt {

// Outputs of one matrix that are used as `groups` vectors of equal width (2 for a gated convolution, 3 for
// the gates of a GRU): each group is padded by itself, so that each is a vector of its own.
struct OutputGroups {
  int groups = 1;
  int width = 0;

  int padded() const { return groups * Padded(width); }
};

// Packs a row-major kernel [inputs, groups * width], whose rows lie `row_stride` floats apart, into
// inputs * outputs.padded() floats.
void PackMatrix(const float* kernel, ptrdiff_t row_stride, int inputs, OutputGroups outputs,
                float* packed);

// Packs a bias [groups * width] into outputs.padded() floats.
void PackVector(const float* vector, OutputGroups outputs, float* packed);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_PACKING_MATRIX_H_
