// One direction of a g2p encoder: a GRU that reads the words of a pool, symbol after symbol, each prefix once.
#ifndef TFOPT_ENGINE_MODELS_G2P_ENCODER_H_
#define TFOPT_ENGINE_MODELS_G2P_ENCODER_H_

#include <vector>

#include "engine/aligned.h"
#include "engine/models/g2p_prefixes.h"

namespace tfopt {

class G2pEncoder {
 public:
  // words: at most so many at a time
  G2pEncoder(const Kernels& kernels, const G2pConfig& config, const G2pWeights& weights, int words);

  void Begin(const G2pSide& side, const G2pWords& words, bool backward);

  // Reads one more symbol of all words that have one left; false if there are none.
  bool Next();

  // What has been read,
  const G2pPrefixes& prefixes() const { return prefixes_; }
  // and the state [hidden] after each of these prefixes, valid until the next call.
  ConstColumns states() const { return {states_.data(), width_}; }

 private:
  const Kernels& kernels_;
  const int width_;  // Padded(hidden)
  G2pSide side_;
  G2pPrefixes prefixes_;
  AlignedFloats states_;  // [words, hidden]
  AlignedFloats before_;  // the same, of the prefixes one symbol shorter
  // Of the columns of a step:
  std::vector<const float*> inputs_;
  Operands operands_;
  AlignedFloats gates_;  // [columns, 3 hidden]
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_G2P_ENCODER_H_
