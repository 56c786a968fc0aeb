// Tfopt>MelResnetPack: the config and weights of a WaveRNN's residual network over frames as one tensor of
// bytes, which Tfopt>MelResnet reads in place.
#include "engine/models/packed_mel_resnet.h"
#include "pack_kernel.h"
#include "register.h"

namespace tfopt {
namespace {

__attribute__((constructor)) void Register() {
  RegisterOp<PackKernel<MelResnetConfig>>({"Tfopt>MelResnetPack",
                                           {"weights: N * float"},
                                           {"packed: uint8"},
                                           {"N: int >= 1", "config: list(int)"}});
}

}  // namespace
}  // namespace tfopt
