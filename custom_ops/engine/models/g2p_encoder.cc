#include "engine/models/g2p_encoder.h"

#include <algorithm>
#include <utility>

#include "engine/prefetch.h"

namespace tfopt {

G2pEncoder::G2pEncoder(const Kernels& kernels, const G2pConfig& config, const G2pWeights& weights,
                       int words)
    : kernels_(kernels), width_(Padded(config.hidden)), prefixes_(words, !weights.observed()) {
  const size_t width = static_cast<size_t>(width_), columns = std::min(words, kG2pColumns);
  states_ = AlignedFloats(static_cast<size_t>(words) * width);
  before_ = AlignedFloats(static_cast<size_t>(words) * width);
  inputs_.resize(columns);
  operands_ = Operands(weights.output.type, static_cast<int>(columns), config.hidden);
  gates_ = AlignedFloats(columns * 3 * width);
}

void G2pEncoder::Begin(const G2pSide& side, const G2pWords& words, bool backward) {
  side_ = side;
  prefixes_.Begin(words, backward);
}

bool G2pEncoder::Next() {
  const int count = prefixes_.Next();
  std::swap(states_, before_);
  for (int first = 0; first < count; first += kG2pColumns) {
    const int columns = std::min(kG2pColumns, count - first);
    const Columns states = {states_.data() + ptrdiff_t{first} * width_, width_};
    for (int c = 0; c < columns; ++c) {
      inputs_[static_cast<size_t>(c)] = side_.symbols.Row(prefixes_.Symbol(first + c));
    }
    if (prefixes_.length() == 1) {
      GruFirstStep(kernels_, side_.gru, inputs_.data(), states, columns, gates_.data());
      continue;
    }
    for (int c = 0; c < columns; ++c) {
      const float* parent = before_.data() + ptrdiff_t{prefixes_.Parent(first + c)} * width_;
      std::copy_n(parent, width_, states.data + c * states.stride);
    }
    // What the next columns take, while these are computed.
    for (int c = first + columns; c < std::min(count, first + columns + kG2pColumns); ++c) {
      Prefetch(before_.data() + ptrdiff_t{prefixes_.Parent(c)} * width_, width_);
      Prefetch(states_.data() + ptrdiff_t{c} * width_, width_);
    }
    GruStep(kernels_, side_.gru, inputs_.data(), states, columns, &operands_, gates_.data());
  }
  return count > 0;
}

}  // namespace tfopt
