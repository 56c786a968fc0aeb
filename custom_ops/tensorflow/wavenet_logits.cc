// Tfopt>WavenetLogits: the outputs of a WaveNet that is fed given samples.
#include "register.h"
#include "values.h"
#include "wavenet_call.h"

namespace tfopt {
namespace {

class WavenetLogitsKernel {
 public:
  static Status InferShapes(ShapeContext& context) {
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(2, "samples", 2));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(3, "conditioning", 3));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(4, "speaker", 2));
    const int64_t batch = Known(context.Dim(2, 0), context.Dim(1, 0));
    TFOPT_RETURN_IF_ERROR(WavenetCall::InferShapes(context, batch));
    return context.SetOutput(0, {batch, Known(context.Dim(2, 1), context.Dim(3, 1)), kUnknown});
  }

  Status Init(Attributes& attributes) {
    return attributes.Read("threads", 1, kMostThreads, &threads_);
  }

  Status Compute(KernelContext& context) const {
    WavenetCall call;
    Input<float> samples;
    TFOPT_RETURN_IF_ERROR(call.ReadModel(context));
    TFOPT_RETURN_IF_ERROR(context.Read(2, "samples", {"batch", "time"}, &samples));
    const int64_t batch = samples.shape[0], time = samples.shape[1];
    TFOPT_RETURN_IF_ERROR(call.SetSize("samples", batch, time, threads_));
    TFOPT_RETURN_IF_ERROR(call.ReadConditioning(context, 3, 4, {batch, time}));
    Output<float> logits;
    TFOPT_RETURN_IF_ERROR(
        context.Allocate(0, "logits", {batch, time, call.model().config.outputs}, &logits));
    TFOPT_RETURN_IF_ERROR(call.AdvanceState(context));
    return WavenetLogits(call.model(), call.kernels(), call.streams(), samples.data, logits.data);
  }

 private:
  int threads_ = 1;
};

__attribute__((constructor)) void Register() {
  RegisterOp<WavenetLogitsKernel>({"Tfopt>WavenetLogits",
                                   {"packed: uint8", "state: uint8", "samples: float",
                                    "conditioning: float", "speaker: float"},
                                   {"logits: float", "new_state: uint8"},
                                   {"threads: int = 1"}});
}

}  // namespace
}  // namespace tfopt
