#include "weights.h"

#include <string>

namespace tfopt {

Status WeightInputs::Read(KernelContext& context, const std::vector<ExpectedTensor>& expected) {
  const size_t count = static_cast<size_t>(context.inputs());
  if (count != expected.size()) {
    return Mismatch("weights", std::to_string(expected.size()) + " tensors", std::to_string(count));
  }
  inputs_.resize(count);
  tensors_.clear();
  for (size_t i = 0; i < count; ++i) {
    const ExpectedTensor& weight = expected[i];
    const Shape shape(weight.shape.begin(), weight.shape.end());
    const std::string name = "weights[" + std::to_string(i) + "] (" + weight.name + ")";
    TFOPT_RETURN_IF_ERROR(context.Read(static_cast<int>(i), name.c_str(), &inputs_[i]));
    const Shape& given = inputs_[i].shape;
    if (given != shape && !(weight.optional && given == Shape{0})) {
      const std::string absent = weight.optional ? " or [0]" : "";
      return Mismatch(name, "float32 " + ToString(shape) + absent,
                      "float32 " + ToString(given));
    }
    tensors_.push_back({inputs_[i].data, inputs_[i].size()});
  }
  return {};
}

}  // namespace tfopt
