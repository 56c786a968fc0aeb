// A weight as users have it.
#ifndef TFOPT_ENGINE_TENSOR_H_
#define TFOPT_ENGINE_TENSOR_H_

#include <cstddef>

namespace tfopt {

// Row-major floats. An optional tensor that a model lacks has no values.
struct Tensor {
  const float* data = nullptr;
  size_t size = 0;  // floats
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_TENSOR_H_
