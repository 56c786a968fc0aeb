// Packed matrices of float32 as those of another type, or block-sparse.
#ifndef TFOPT_ENGINE_PACKING_CONVERT_MATRIX_H_
#define TFOPT_ENGINE_PACKING_CONVERT_MATRIX_H_

#include <cstddef>

#include "engine/kernels/weights.h"

namespace tfopt {

// The blocks of a dense matrix of float32 that hold a weight that is not zero, if it were a block-sparse one of a
// type; and all that it would have then.
struct BlockCount {
  size_t blocks = 0, all = 0;
};
BlockCount CountBlocks(const Matrix& w, WeightType type);

// Writes `from`, a dense matrix of float32, to where `to` says, as `to` says: of a block-sparse matrix the blocks
// that CountBlocks counts.
//
// Of integers, the scale of an output makes its largest weight 127; of int16 as large as no sum of products with
// inputs can overflow, and 32,767 at most. Numbers are rounded to the nearest, ties to even. Weights that are read
// back from int8 or bfloat16 become the same again.
void ConvertMatrix(const Matrix& from, const Matrix& to);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_PACKING_CONVERT_MATRIX_H_
