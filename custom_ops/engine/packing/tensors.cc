#include "engine/packing/tensors.h"

#include <cmath>

namespace tfopt {

namespace {

// The message names the tensor, which is the one at `index`.
Status CheckTensor(size_t index, const ExpectedTensor& expected, const Tensor& given) {
  if (expected.optional && given.size == 0) return {};
  const auto invalid = [&](const std::string& wanted, const std::string& got) {
    return Status::Invalid("weights[" + std::to_string(index) + "] (" + expected.name +
                           "): expected " + wanted + ", got " + got);
  };
  if (given.size != expected.size()) {
    return invalid(std::to_string(expected.size()) + " values", std::to_string(given.size));
  }
  for (size_t i = 0; i < given.size; ++i) {
    if (!std::isfinite(given.data[i])) {
      return invalid("finite values",
                     std::to_string(given.data[i]) + " at " + std::to_string(i));
    }
  }
  return {};
}

}  // namespace

size_t ExpectedTensor::size() const {
  size_t size = 1;
  for (int dimension : shape) size *= static_cast<size_t>(dimension);
  return size;
}

Status CheckTensors(const std::vector<ExpectedTensor>& expected, const std::vector<Tensor>& given) {
  if (given.size() != expected.size()) {
    return Status::Invalid("weights: expected " + std::to_string(expected.size()) +
                           " tensors, got " + std::to_string(given.size()));
  }
  for (size_t i = 0; i < given.size(); ++i) {
    TFOPT_RETURN_IF_ERROR(CheckTensor(i, expected[i], given[i]));
  }
  return {};
}

}  // namespace tfopt
