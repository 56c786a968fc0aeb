// The weights that a model is packed from: a list of tensors in a fixed order, each of a shape that follows from
// the config.
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
  std::vector<int> shape;
  bool optional = false;  // may have no values instead

  size_t size() const;  // floats; a config that is checked keeps them few enough
};

// Whether all tensors are there, have their sizes and are finite; a failure names the one at fault.
Status CheckTensors(const std::vector<ExpectedTensor>& expected, const std::vector<Tensor>& given);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_PACKING_TENSORS_H_
