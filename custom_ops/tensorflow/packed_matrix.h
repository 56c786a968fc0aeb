// A packed matrix as a tensor of bytes: the header of packed models with [inputs, outputs], then the weights.
#ifndef TFOPT_TENSORFLOW_PACKED_MATRIX_H_
#define TFOPT_TENSORFLOW_PACKED_MATRIX_H_

#include <cstddef>
#include <cstdint>

#include "engine/kernels/kernels.h"
#include "engine/status.h"

namespace tfopt {

// Bytes of a packed kernel [inputs, outputs], both at least 1; false if no memory could hold them.
bool PackedMatrixBytes(int inputs, int outputs, size_t* bytes);

// Packs a row-major kernel [inputs, outputs] into as many bytes.
void WritePackedMatrix(const float* kernel, int inputs, int outputs, size_t bytes, uint8_t* packed);

// Reads it in place: `packed` has to outlive the matrix. The matrix has to be [inputs, outputs]; an error
// calls it `name`.
Status ReadPackedMatrix(const char* name, const uint8_t* packed, size_t bytes, int inputs,
                        int outputs, Matrix* matrix);

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_PACKED_MATRIX_H_
