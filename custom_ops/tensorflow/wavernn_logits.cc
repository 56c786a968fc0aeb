// Tfopt>WavernnLogits: the outputs of a WaveRNN that is fed given numbers.
#include <limits>

#include "register.h"
#include "values.h"
#include "wavernn_call.h"

namespace tfopt {
namespace {

class WavernnLogitsKernel {
 public:
  static Status InferShapes(ShapeContext& context) { return WavernnCall::InferFedShapes(context); }

  Status Init(Attributes& attributes) {
    TFOPT_RETURN_IF_ERROR(attributes.Read("hop_length", 1, std::numeric_limits<int>::max(),
                                          &hop_length_));
    return attributes.Read("threads", 1, kMostThreads, &threads_);
  }

  Status Compute(KernelContext& context) const {
    WavernnCall call;
    TFOPT_RETURN_IF_ERROR(call.ReadModel(context));
    return call.Feed(context, hop_length_, threads_);
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
