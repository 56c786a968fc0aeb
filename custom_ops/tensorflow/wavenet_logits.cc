// Tfopt>WavenetLogits: the outputs of a WaveNet that is fed given samples.
#include "register.h"
#include "values.h"
#include "wavenet_call.h"

namespace tfopt {
namespace {

class WavenetLogitsKernel {
 public:
  static Status InferShapes(ShapeContext& context) { return WavenetCall::InferFedShapes(context); }

  Status Init(Attributes& attributes) {
    return attributes.Read("threads", 1, kMostThreads, &threads_);
  }

  Status Compute(KernelContext& context) const {
    WavenetCall call;
    TFOPT_RETURN_IF_ERROR(call.ReadModel(context));
    return call.Feed(context, threads_);
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
