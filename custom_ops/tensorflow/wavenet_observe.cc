// Tfopt>WavenetObserve: Tfopt>WavenetLogits that counts what its matrices multiply, on one thread.
#include "observations.h"
#include "register.h"
#include "wavenet_call.h"

namespace tfopt {
namespace {

class WavenetObserveKernel {
 public:
  static Status InferShapes(ShapeContext& context) {
    TFOPT_RETURN_IF_ERROR(WavenetCall::InferFedShapes(context));
    return InferObservations(context, 2);
  }

  Status Init(Attributes&) { return {}; }

  Status Compute(KernelContext& context) const {
    InputHistograms observed;
    WavenetCall call;
    TFOPT_RETURN_IF_ERROR(call.ReadModel(context, &observed));
    TFOPT_RETURN_IF_ERROR(call.Feed(context, 1));
    return WriteObservations(context, 2, observed);
  }
};

__attribute__((constructor)) void Register() {
  RegisterOp<WavenetObserveKernel>(
      {"Tfopt>WavenetObserve",
       {"packed: uint8", "state: uint8", "samples: float", "conditioning: float", "speaker: float"},
       {"logits: float", "new_state: uint8", "counts: int64", "largest: float"},
       {}});
}

}  // namespace
}  // namespace tfopt
