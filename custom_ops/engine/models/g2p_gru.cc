// The network of g2p-en 2.x: a GRU encoder whose last state starts a GRU decoder.
#include <algorithm>
#include <vector>

#include "engine/aligned.h"
#include "engine/models/g2p_encoder.h"

namespace tfopt {
namespace {

class GruNetwork final : public G2pNetwork {
 public:
  GruNetwork(const Kernels& kernels, const G2pConfig& config, const G2pWeights& weights,
             const G2pCapacity& capacity)
      : kernels_(kernels),
        weights_(weights),
        width_(Padded(config.hidden)),
        encoder_(kernels, config, weights, capacity.words),
        states_(static_cast<size_t>(capacity.words) * static_cast<size_t>(width_)) {
    const size_t columns = static_cast<size_t>(std::min(capacity.words, kG2pColumns));
    inputs_.resize(columns);
    operands_ = Operands(weights.output.type, static_cast<int>(columns), config.hidden);
    gates_ = AlignedFloats(columns * static_cast<size_t>(weights.encoder.gru.inputs()));
    logits_ = AlignedFloats(columns * static_cast<size_t>(weights.output.outputs));
  }

  void Encode(const G2pWords& words) override {
    encoder_.Begin(weights_.encoder, words, false);
    while (encoder_.Next()) {
      const G2pPrefixes& prefixes = encoder_.prefixes();
      const ConstColumns states = encoder_.states();
      for (int w = prefixes.words() - 1; w >= 0 && words.Length(w) == prefixes.length(); --w) {
        std::copy_n(states.data + prefixes.Of(w) * states.stride, width_, State(w));
      }
    }
  }

  void Start(int column, int word) override { Move(word, column); }

  void Move(int from, int to) override {
    if (from != to) std::copy_n(State(from), width_, State(to));
  }

  const float* Step(const int32_t* phonemes, int columns, int) override {
    const G2pSide& side = weights_.decoder;
    for (int c = 0; c < columns; ++c) {
      inputs_[static_cast<size_t>(c)] = side.symbols.Row(phonemes[c]);
    }
    GruStep(kernels_, side.gru, inputs_.data(), {State(0), width_}, columns, &operands_,
            gates_.data());
    const Operand x = operands_.Prepare(kernels_, weights_.output, {State(0), width_}, columns);
    kernels_.matmul(weights_.output, x, {weights_.output_bias, 0},
                    {logits_.data(), weights_.output.outputs}, columns);
    return logits_.data();
  }

 private:
  float* State(int word) { return states_.data() + static_cast<ptrdiff_t>(word) * width_; }

  const Kernels& kernels_;
  const G2pWeights weights_;
  const int width_;  // Padded(hidden)
  G2pEncoder encoder_;
  // [words, hidden]: the encoder's last states. The decoder's columns are the first of them, those of words that
  // have been started (g2p_network.h).
  AlignedFloats states_;
  std::vector<const float*> inputs_;  // [columns]
  Operands operands_;
  AlignedFloats gates_;               // [columns, 3 hidden]
  AlignedFloats logits_;              // [columns, phonemes]
};

}  // namespace

std::unique_ptr<G2pNetwork> MakeGruNetwork(const Kernels& kernels, const G2pConfig& config,
                                           const G2pWeights& weights, const G2pCapacity& capacity) {
  return std::make_unique<GruNetwork>(kernels, config, weights, capacity);
}

}  // namespace tfopt
