// The tensors of a g2p model.
#include <string>
#include <utility>
#include <vector>

#include "engine/models/g2p.h"

namespace tfopt {

std::vector<ExpectedTensor> TensorsOf(const G2pConfig& c) {
  const int hidden = c.hidden, gates = 3 * hidden;
  using Side = std::pair<std::string, int>;  // the beginning of its tensors' names, and what it reads
  std::vector<ExpectedTensor> tensors;
  const auto add = [&](std::string name, std::vector<int> shape) {
    tensors.push_back({std::move(name), std::move(shape)});
  };
  if (c.architecture == G2pArchitecture::kGru) {
    for (const auto& [side, symbols] : {Side{"encoder.", c.graphemes}, Side{"decoder.", c.phonemes}}) {
      add(side + "embedding", {symbols, c.embedding});
      add(side + "input_kernel", {c.embedding, gates});
      add(side + "input_bias", {gates});
      add(side + "recurrent_kernel", {hidden, gates});
      add(side + "recurrent_bias", {gates});
    }
  } else {
    for (const auto& [side, width] : {Side{"encoder.forward.", c.graphemes},
                                      Side{"encoder.backward.", c.graphemes},
                                      Side{"decoder.", c.phonemes + hidden}}) {
      add(side + "input_kernel", {width, gates});
      add(side + "recurrent_kernel", {hidden, gates});
      add(side + "bias", {gates});
    }
    add("attention.memory_kernel", {2 * hidden, hidden});
    add("attention.query_kernel", {hidden, hidden});
    add("attention.score", {hidden});
    add("attention.output_kernel", {3 * hidden, hidden});
  }
  add("output.kernel", {hidden, c.phonemes});
  add("output.bias", {c.phonemes});
  return tensors;
}

}  // namespace tfopt
