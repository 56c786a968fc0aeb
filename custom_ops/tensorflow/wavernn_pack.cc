// Tfopt>WavernnPack: a WaveRNN's config and weights as one tensor of bytes.
#include "engine/models/wavernn.h"
#include "pack_kernel.h"
#include "register.h"

namespace tfopt {
namespace {

__attribute__((constructor)) void Register() {
  RegisterOp<PackKernel<WavernnConfig>>({"Tfopt>WavernnPack",
                                         {"weights: N * float"},
                                         {"packed: uint8"},
                                         {"N: int >= 1", "config: list(int)"}});
}

}  // namespace
}  // namespace tfopt
