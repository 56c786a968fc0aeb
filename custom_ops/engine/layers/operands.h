// Vectors as matrices of any type want them.
#ifndef TFOPT_ENGINE_LAYERS_OPERANDS_H_
#define TFOPT_ENGINE_LAYERS_OPERANDS_H_

#include <cstddef>
#include <vector>

#include "engine/aligned.h"
#include "engine/kernels/kernels.h"

namespace tfopt {

// Vectors as matrices of floats want them.
inline Operand FloatOperand(ConstColumns x) {
  return {x.data, x.stride * ptrdiff_t{sizeof(float)}};
}

// Memory for the vectors of one product, or of several that multiply the same vectors.
class Operands {
 public:
  Operands() = default;
  // For `columns` vectors of at most `inputs` floats; nothing where matrices of that type want floats.
  Operands(WeightType type, int columns, int inputs);

  // `x` for products with `w`. Valid until the next call and as long as x is.
  Operand Prepare(const Kernels& kernels, const Matrix& w, ConstColumns x, int columns);

  // The same when x has been prepared for `other`, a matrix of the same type and inputs: as it is if both want it
  // so, which they do unless one of them alone is sparse or their inputs have other scales.
  Operand PrepareAgain(const Kernels& kernels, const Matrix& w, ConstColumns x, int columns,
                       const Matrix& other, Operand prepared);

 private:
  ptrdiff_t stride_ = 0;  // bytes
  AlignedFloats vectors_;
  std::vector<IntegerVector> integers_;
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_LAYERS_OPERANDS_H_
