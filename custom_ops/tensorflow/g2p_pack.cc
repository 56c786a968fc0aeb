// Tfopt>G2pPack: a grapheme-to-phoneme model's config and weights as one tensor of bytes.
#include "engine/models/g2p.h"
#include "pack_kernel.h"
#include "register.h"

namespace tfopt {
namespace {

__attribute__((constructor)) void Register() {
  RegisterOp<PackKernel<G2pConfig>>({"Tfopt>G2pPack",
                                     {"weights: N * float"},
                                     {"packed: uint8"},
                                     {"N: int >= 1", "config: list(int)"}});
}

}  // namespace
}  // namespace tfopt
