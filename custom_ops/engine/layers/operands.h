// Vectors as matrices of any type want them.
#ifndef TFOPT_ENGINE_LAYERS_OPERANDS_H_
#define TFOPT_ENGINE_LAYERS_OPERANDS_H_

#include <cstddef>
#include <vector>

#include "engine/aligned.h"
#include "engine/kernels/kernels.h"

namespace tfopt {

// Memory for the vectors of one product, or of several that multiply the same vectors.
class Operands {
 public:
  Operands() = default;
  // For `columns` vectors of at most `inputs` floats; nothing where matrices of that type want floats.
  Operands(WeightType type, int columns, int inputs);

  // `x` for products with `w`, and with other matrices of its type and inputs. Valid until the next call and as
  // long as x is.
  Operand Prepare(const Kernels& kernels, const Matrix& w, ConstColumns x, int columns);

 private:
  ptrdiff_t stride_ = 0;  // bytes
  AlignedFloats vectors_;
  std::vector<IntegerVector> integers_;
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_LAYERS_OPERANDS_H_
