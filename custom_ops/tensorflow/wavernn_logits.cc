// Tfopt>WavernnLogits: the outputs of a WaveRNN that is fed given numbers.
#include <limits>

#include "register.h"
#include "values.h"
#include "wavernn_call.h"

namespace tfopt {
namespace {

class WavernnLogitsKernel {
 public:
  static Status InferShapes(ShapeContext& context) {
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(2, "fed", 3));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(3, "targets", 2));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(4, "mels", 3));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(5, "aux", 3));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(6, "offset", 0));
    const int64_t batch = Known(context.Dim(2, 0), context.Dim(1, 0));
    TFOPT_RETURN_IF_ERROR(WavernnCall::InferShapes(context, batch));
    return context.SetOutput(0, {batch, Known(context.Dim(2, 1), context.Dim(4, 1)), kUnknown});
  }

  Status Init(Attributes& attributes) {
    TFOPT_RETURN_IF_ERROR(attributes.Read("hop_length", 1, std::numeric_limits<int>::max(),
                                          &hop_length_));
    return attributes.Read("threads", 1, kMostThreads, &threads_);
  }

  Status Compute(KernelContext& context) const {
    WavernnCall call;
    Input<float> fed;
    Input<int32_t> targets;
    TFOPT_RETURN_IF_ERROR(call.ReadModel(context));
    const WavernnConfig& config = call.model().config;
    TFOPT_RETURN_IF_ERROR(context.Read(2, "fed", {"batch", "time", config.fed()}, &fed));
    const int64_t batch = fed.shape[0], time = fed.shape[1];
    TFOPT_RETURN_IF_ERROR(call.SetSize("fed", batch, time, threads_));
    TFOPT_RETURN_IF_ERROR(
        context.Read(3, "targets", {batch, config.split() ? time : 0}, &targets));
    TFOPT_RETURN_IF_ERROR(call.ReadFrames(context, 4, 5, 6, hop_length_));
    Output<float> logits;
    TFOPT_RETURN_IF_ERROR(context.Allocate(0, "logits", {batch, time, config.outputs()}, &logits));
    TFOPT_RETURN_IF_ERROR(call.AdvanceState(context));
    return WavernnLogits(call.model(), call.kernels(), call.streams(), fed.data, targets.data,
                         logits.data);
  }

 private:
  int hop_length_ = 1;
  int threads_ = 1;
};

__attribute__((constructor)) void Register() {
  RegisterOp<WavernnLogitsKernel>({"Tfopt>WavernnLogits",
                                   {"packed: uint8", "state: uint8", "fed: float",
                                    "targets: int32", "mels: float", "aux: float",
                                    "offset: int32"},
                                   {"logits: float", "new_state: uint8"},
                                   {"hop_length: int", "threads: int = 1"}});
}

}  // namespace
}  // namespace tfopt
