// Tfopt>WavenetPack: a WaveNet's config and weights as one tensor of bytes.
#include <cstdint>
#include <vector>

#include "engine/models/settings.h"
#include "engine/models/wavenet.h"
#include "pack_kernel.h"
#include "register.h"

namespace tfopt {
namespace {

// Its dilations, however many there are, are an attribute of their own.
class WavenetPackKernel : public PackKernel<WavenetConfig> {
 public:
  Status Init(Attributes& attributes) {
    std::vector<int32_t> integers, dilations;
    TFOPT_RETURN_IF_ERROR(attributes.Read("config", &integers));
    TFOPT_RETURN_IF_ERROR(attributes.Read("dilations", &dilations));
    TFOPT_RETURN_IF_ERROR(CheckSettingCount(WavenetConfig::kIntegers, integers.size()));
    if (dilations.empty()) return Mismatch("dilations", "one for each layer", "none");
    for (int32_t dilation : dilations) integers.push_back(dilation);
    return SetConfig(integers);
  }
};

__attribute__((constructor)) void Register() {
  RegisterOp<WavenetPackKernel>({"Tfopt>WavenetPack",
                                 {"weights: N * float"},
                                 {"packed: uint8"},
                                 {"N: int >= 1", "config: list(int)", "dilations: list(int)"}});
}

}  // namespace
}  // namespace tfopt
