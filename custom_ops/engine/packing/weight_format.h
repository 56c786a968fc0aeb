// How the matrices of a packed model are stored, as its header says.
#ifndef TFOPT_ENGINE_PACKING_WEIGHT_FORMAT_H_
#define TFOPT_ENGINE_PACKING_WEIGHT_FORMAT_H_

#include <cstdint>
#include <vector>

#include "engine/kernels/weights.h"
#include "engine/status.h"

namespace tfopt {

struct MatrixFormat {
  static constexpr int32_t kDense = -1;

  int32_t blocks = kDense;   // of a block-sparse matrix: how many
  float input_scale = 0.0f;  // see Matrix
};

// Whether 1 of a matrix's inputs may be this much, or, with 0, what each vector calls for.
bool IsInputScale(float scale);
constexpr char kInputScales[] = "0 or a finite number from 2^-100 on";

struct WeightFormat {
  WeightType type = WeightType::kFloat32;
  // Of each matrix, in the order of the layout. Empty: all are dense, and no scale is given.
  std::vector<MatrixFormat> matrices;

  // As integers: the type, the number of matrices, and for each its blocks and the bits of its scale.
  std::vector<int32_t> ToIntegers() const;
  // Takes them away from the beginning of a list, and checks what they say.
  static Status TakeIntegers(std::vector<int32_t>* integers, WeightFormat* format);
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_PACKING_WEIGHT_FORMAT_H_
