// Tfopt>MelResnetPack: the config and weights of a WaveRNN's residual network over frames as one tensor of
// bytes, which Tfopt>MelResnet reads in place.
#include "engine/models/packed_mel_resnet.h"
#include "register.h"
#include "weights.h"

namespace tfopt {
namespace {

class MelResnetPackKernel {
 public:
  static Status InferShapes(ShapeContext& context) { return context.SetOutput(0, {kUnknown}); }

  Status Init(Attributes& attributes) {
    std::vector<int32_t> integers;
    TFOPT_RETURN_IF_ERROR(attributes.Read("config", &integers));
    TFOPT_RETURN_IF_ERROR(MelResnetConfig::FromIntegers(integers, &config_));
    return PackedBytes(config_, &bytes_);
  }

  Status Compute(KernelContext& context) const {
    WeightInputs weights;
    TFOPT_RETURN_IF_ERROR(weights.Read(context, TensorsOf(config_)));
    Output<uint8_t> packed;
    TFOPT_RETURN_IF_ERROR(context.Allocate(0, "packed", {static_cast<int64_t>(bytes_)}, &packed));
    return PackModel(config_, weights.tensors(), packed.data);
  }

 private:
  MelResnetConfig config_;
  size_t bytes_ = 0;
};

__attribute__((constructor)) void Register() {
  RegisterOp<MelResnetPackKernel>({"Tfopt>MelResnetPack",
                                   {"weights: N * float"},
                                   {"packed: uint8"},
                                   {"N: int >= 1", "config: list(int)"}});
}

}  // namespace
}  // namespace tfopt
