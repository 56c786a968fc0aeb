// Tfopt>WavernnObserve: Tfopt>WavernnLogits that counts what its matrices multiply, on one thread.
#include <limits>

#include "observations.h"
#include "register.h"
#include "wavernn_call.h"

namespace tfopt {
namespace {

class WavernnObserveKernel {
 public:
  static Status InferShapes(ShapeContext& context) {
    TFOPT_RETURN_IF_ERROR(WavernnCall::InferFedShapes(context));
    return InferObservations(context, 2);
  }

  Status Init(Attributes& attributes) {
    return attributes.Read("hop_length", 1, std::numeric_limits<int>::max(), &hop_length_);
  }

  Status Compute(KernelContext& context) const {
    InputHistograms observed;
    WavernnCall call;
    TFOPT_RETURN_IF_ERROR(call.ReadModel(context, &observed));
    TFOPT_RETURN_IF_ERROR(call.Feed(context, hop_length_, 1));
    return WriteObservations(context, 2, observed);
  }

 private:
  int hop_length_ = 1;
};

__attribute__((constructor)) void Register() {
  RegisterOp<WavernnObserveKernel>(
      {"Tfopt>WavernnObserve",
       {"packed: uint8", "state: uint8", "fed: float", "targets: int32", "mels: float",
        "aux: float", "offset: int32"},
       {"logits: float", "new_state: uint8", "counts: int64", "largest: float"},
       {"hop_length: int"}});
}

}  // namespace
}  // namespace tfopt
