// Tfopt>G2pObserve: Tfopt>G2pDecode that counts what its matrices multiply, on one thread.
#include "g2p_call.h"
#include "observations.h"
#include "register.h"

namespace tfopt {
namespace {

class G2pObserveKernel {
 public:
  static Status InferShapes(ShapeContext& context) {
    TFOPT_RETURN_IF_ERROR(InferDecodedWords(context));
    return InferObservations(context, 1);
  }

  Status Init(Attributes&) { return {}; }

  Status Compute(KernelContext& context) const {
    InputHistograms observed;
    TFOPT_RETURN_IF_ERROR(DecodeWords(context, 1, &observed));
    return WriteObservations(context, 1, observed);
  }
};

__attribute__((constructor)) void Register() {
  RegisterOp<G2pObserveKernel>({"Tfopt>G2pObserve",
                                {"packed: uint8", "ids: int32", "lengths: int32"},
                                {"phonemes: int32", "counts: int64", "largest: float"},
                                {}});
}

}  // namespace
}  // namespace tfopt
