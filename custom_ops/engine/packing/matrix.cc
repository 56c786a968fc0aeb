#include "engine/packing/matrix.h"

#include <algorithm>

namespace tfopt {

void PackMatrix(const float* kernel, ptrdiff_t row_stride, int inputs, OutputGroups outputs,
                float* packed) {
  const int padded_width = Padded(outputs.width);
  for (int tile = 0; tile < outputs.padded(); tile += kTile) {
    const int end = std::min(tile + kTile, outputs.padded());
    for (int i = 0; i < inputs; ++i) {
      const float* row = kernel + i * row_stride;
      for (int o = tile; o < end; ++o) {
        const int group = o / padded_width, place = o % padded_width;
        *packed++ = place < outputs.width ? row[group * outputs.width + place] : 0.0f;
      }
    }
  }
}

void PackVector(const float* vector, OutputGroups outputs, float* packed) {
  // A vector is the matrix of one input.
  PackMatrix(vector, 0, 1, outputs, packed);
}

}  // namespace tfopt
