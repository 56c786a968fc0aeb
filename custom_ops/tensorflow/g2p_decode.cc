// Tfopt>G2pDecode: words into phonemes, the whole greedy loop.
#include "g2p_call.h"
#include "register.h"
#include "values.h"

namespace tfopt {
namespace {

class G2pDecodeKernel {
 public:
  static Status InferShapes(ShapeContext& context) { return InferDecodedWords(context); }

  Status Init(Attributes& attributes) {
    return attributes.Read("threads", 1, kMostThreads, &threads_);
  }

  Status Compute(KernelContext& context) const { return DecodeWords(context, threads_); }

 private:
  int threads_ = 1;
};

__attribute__((constructor)) void Register() {
  RegisterOp<G2pDecodeKernel>({"Tfopt>G2pDecode",
                               {"packed: uint8", "ids: int32", "lengths: int32"},
                               {"phonemes: int32"},
                               {"threads: int = 1"}});
}

}  // namespace
}  // namespace tfopt
