// The tensors of a WaveNet.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/models/wavenet_config.h"

namespace tfopt {

std::vector<ExpectedTensor> TensorsOf(const WavenetConfig& c) {
  const int gates = 2 * c.gate;
  std::vector<ExpectedTensor> tensors;
  const auto add = [&](std::string name, std::vector<int> shape, bool optional = false) {
    tensors.push_back({std::move(name), std::move(shape), optional});
  };
  add("input.kernel", {c.input_kernel_size, std::max(1, c.input_classes), c.residual});
  add("input.bias", {c.residual}, true);
  for (size_t i = 0; i < c.dilations.size(); ++i) {
    const std::string layer = "layers." + std::to_string(i) + ".";
    const bool last = i + 1 == c.dilations.size();  // nothing reads what it passes on
    add(layer + "conv.kernel", {c.kernel_size, c.residual, gates});
    add(layer + "conv.bias", {gates}, true);
    add(layer + "local.kernel", {c.local_channels, gates}, c.local_channels == 0);
    add(layer + "global.kernel", {c.global_channels, gates}, c.global_channels == 0);
    add(layer + "residual.kernel", {c.gate, c.residual}, last);
    add(layer + "residual.bias", {c.residual}, true);
    add(layer + "skip.kernel", {c.gate, c.skip});
    add(layer + "skip.bias", {c.skip}, true);
  }
  add("end.0.kernel", {c.skip, c.end});
  add("end.0.bias", {c.end}, true);
  add("end.1.kernel", {c.end, c.outputs});
  add("end.1.bias", {c.outputs}, true);
  return tensors;
}

}  // namespace tfopt
