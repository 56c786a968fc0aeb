// Tfopt>WavenetPack: a WaveNet's config and weights as one tensor of bytes, which the other ops read in
// place.
#include "engine/models/wavenet.h"
#include "register.h"
#include "weights.h"

namespace tfopt {
namespace {

class WavenetPackKernel {
 public:
  static Status InferShapes(ShapeContext& context) { return context.SetOutput(0, {kUnknown}); }

  Status Init(Attributes& attributes) {
    std::vector<int32_t> integers, dilations;
    TFOPT_RETURN_IF_ERROR(attributes.Read("config", &integers));
    TFOPT_RETURN_IF_ERROR(attributes.Read("dilations", &dilations));
    if (integers.size() != size_t{WavenetConfig::kIntegers}) {
      return Mismatch("config", std::to_string(WavenetConfig::kIntegers) + " integers",
                      std::to_string(integers.size()));
    }
    if (dilations.empty()) return Mismatch("dilations", "one for each layer", "none");
    for (int32_t dilation : dilations) integers.push_back(dilation);
    TFOPT_RETURN_IF_ERROR(WavenetConfig::FromIntegers(integers, &config_));
    return PackedBytes(config_, &bytes_);
  }

  Status Compute(KernelContext& context) const {
    WeightInputs weights;
    TFOPT_RETURN_IF_ERROR(weights.Read(context, WavenetWeightShapes(config_)));
    Output<uint8_t> packed;
    TFOPT_RETURN_IF_ERROR(context.Allocate(0, "packed", {static_cast<int64_t>(bytes_)}, &packed));
    return PackModel(config_, weights.tensors(), packed.data);
  }

 private:
  WavenetConfig config_;
  size_t bytes_ = 0;
};

__attribute__((constructor)) void Register() {
  RegisterOp<WavenetPackKernel>({"Tfopt>WavenetPack",
                                 {"weights: N * float"},
                                 {"packed: uint8"},
                                 {"N: int >= 1", "config: list(int)", "dilations: list(int)"}});
}

}  // namespace
}  // namespace tfopt
