// Tfopt>WavernnStep: a whole WaveRNN step and its draw, for loops in a graph. The draw is a part of it because a
// split output draws twice, and runs a part of the network in between.
#include "register.h"
#include "values.h"
#include "wavernn_call.h"

namespace tfopt {
namespace {

class WavernnStepKernel {
 public:
  static Status InferShapes(ShapeContext& context) {
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(2, "last", 2));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(3, "mels", 2));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(4, "aux", 2));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(5, "uniforms", 2));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(6, "temperature", 0));
    const int64_t batch = Known(context.Dim(2, 0), context.Dim(5, 0));
    TFOPT_RETURN_IF_ERROR(WavernnCall::InferShapes(context, batch));
    TFOPT_RETURN_IF_ERROR(context.SetOutput(0, {batch}));
    return context.SetOutput(2, {batch, context.Dim(2, 1)});
  }

  Status Init(Attributes&) { return {}; }

  Status Compute(KernelContext& context) const {
    WavernnCall call;
    Input<float> last, uniforms;
    float temperature = 0.0f;
    TFOPT_RETURN_IF_ERROR(call.ReadModel(context));
    const WavernnConfig& config = call.model().config;
    TFOPT_RETURN_IF_ERROR(context.Read(2, "last", {"batch", config.fed()}, &last));
    const int64_t batch = last.shape[0];
    TFOPT_RETURN_IF_ERROR(call.SetSize("last", batch, 1, 1));
    TFOPT_RETURN_IF_ERROR(call.ReadRows(context, 3, 4));
    TFOPT_RETURN_IF_ERROR(context.Read(5, "uniforms", {batch, config.uniforms()}, &uniforms));
    TFOPT_RETURN_IF_ERROR(CheckUniform("uniforms", uniforms));
    TFOPT_RETURN_IF_ERROR(ReadTemperature(context, 6, &temperature));
    Output<float> samples, fed;
    TFOPT_RETURN_IF_ERROR(context.Allocate(0, "samples", {batch}, &samples));
    TFOPT_RETURN_IF_ERROR(context.Allocate(2, "fed", last.shape, &fed));
    TFOPT_RETURN_IF_ERROR(call.AdvanceState(context));
    TFOPT_RETURN_IF_ERROR(GenerateWavernn(call.model(), call.kernels(), call.streams(), last.data,
                                          uniforms.data, temperature, samples.data));
    for (int64_t b = 0; b < batch; ++b) {
      WavernnFeedback(config, samples.data[b], fed.data + b * config.fed());
    }
    return {};
  }
};

__attribute__((constructor)) void Register() {
  RegisterOp<WavernnStepKernel>({"Tfopt>WavernnStep",
                                 {"packed: uint8", "state: uint8", "last: float", "mels: float",
                                  "aux: float", "uniforms: float", "temperature: float"},
                                 {"samples: float", "new_state: uint8", "fed: float"},
                                 {}});
}

}  // namespace
}  // namespace tfopt
