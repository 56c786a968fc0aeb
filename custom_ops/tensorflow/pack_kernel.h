// What the ops that pack a model have in common: its config and weights become one tensor of bytes, which the
// other ops read in place.
#ifndef TFOPT_TENSORFLOW_PACK_KERNEL_H_
#define TFOPT_TENSORFLOW_PACK_KERNEL_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/status.h"
#include "kernel_context.h"
#include "shape_context.h"
#include "weights.h"

namespace tfopt {

template <class Config>
class PackKernel {
 public:
  static Status InferShapes(ShapeContext& context) { return context.SetOutput(0, {kUnknown}); }

  Status Init(Attributes& attributes) {
    std::vector<int32_t> integers;
    TFOPT_RETURN_IF_ERROR(attributes.Read("config", &integers));
    return SetConfig(integers);
  }

  Status Compute(KernelContext& context) const {
    WeightInputs weights;
    TFOPT_RETURN_IF_ERROR(weights.Read(context, TensorsOf(config_)));
    Output<uint8_t> packed;
    TFOPT_RETURN_IF_ERROR(context.Allocate(0, "packed", {static_cast<int64_t>(bytes_)}, &packed));
    return PackModel(config_, weights.tensors(), packed.data);
  }

 protected:
  Status SetConfig(const std::vector<int32_t>& integers) {
    TFOPT_RETURN_IF_ERROR(Config::FromIntegers(integers, &config_));
    return PackedBytes(config_, &bytes_);
  }

 private:
  Config config_;
  size_t bytes_ = 0;
};

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_PACK_KERNEL_H_
