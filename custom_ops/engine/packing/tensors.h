// The weights that a model is packed from, checked: a list of tensors in a fixed order, each of a size that
// follows from the config.
#ifndef TFOPT_ENGINE_PACKING_TENSORS_H_
#define TFOPT_ENGINE_PACKING_TENSORS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "engine/status.h"
#include "engine/tensor.h"

namespace tfopt {

struct ExpectedTensor {
  std::string name;  // as in model.safetensors
  size_t size = 0;   // floats
};

Status CheckTensorCount(size_t expected, size_t given);

// Whether the tensor at `index` has its size and is finite; the message names both.
Status CheckTensor(size_t index, const ExpectedTensor& expected, const Tensor& given);

// Both, of a list.
Status CheckTensors(const std::vector<ExpectedTensor>& expected, const std::vector<Tensor>& given);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_PACKING_TENSORS_H_
