// Tfopt>WavenetStep: a whole WaveNet step, for loops that draw the samples themselves.
#include "register.h"
#include "wavenet_call.h"

namespace tfopt {
namespace {

class WavenetStepKernel {
 public:
  static Status InferShapes(ShapeContext& context) {
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(2, "samples", 1));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(3, "conditioning", 2));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(4, "speaker", 2));
    const int64_t batch = Known(context.Dim(2, 0), context.Dim(1, 0));
    TFOPT_RETURN_IF_ERROR(WavenetCall::InferShapes(context, batch));
    return context.SetOutput(0, {batch, kUnknown});
  }

  Status Init(Attributes&) { return {}; }

  Status Compute(KernelContext& context) const {
    WavenetCall call;
    Input<float> samples;
    TFOPT_RETURN_IF_ERROR(call.ReadModel(context));
    TFOPT_RETURN_IF_ERROR(context.Read(2, "samples", {"batch"}, &samples));
    const int64_t batch = samples.shape[0];
    TFOPT_RETURN_IF_ERROR(call.SetSize("samples", batch, 1, 1));
    TFOPT_RETURN_IF_ERROR(call.ReadConditioning(context, 3, 4, {batch}));
    Output<float> logits;
    TFOPT_RETURN_IF_ERROR(
        context.Allocate(0, "logits", {batch, call.model().config.outputs}, &logits));
    TFOPT_RETURN_IF_ERROR(call.AdvanceState(context));
    return WavenetLogits(call.model(), call.kernels(), call.streams(), samples.data, logits.data);
  }
};

__attribute__((constructor)) void Register() {
  RegisterOp<WavenetStepKernel>({"Tfopt>WavenetStep",
                                 {"packed: uint8", "state: uint8", "samples: float",
                                  "conditioning: float", "speaker: float"},
                                 {"logits: float", "new_state: uint8"},
                                 {}});
}

}  // namespace
}  // namespace tfopt
