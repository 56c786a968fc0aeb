// The network of g2p-en 1.x: a bidirectional GRU encoder and a GRU decoder with attention, whose output is
// fed back. One decoder step, as model/tfopt/g2p/attention_gru.py derives it:
//
//   h = GRU(table[phoneme] + W a, h)
//   a = O h + sum over t of softmax(v . tanh(keys_t + Q h))_t values_t
//   logits = output a + bias
#include <algorithm>
#include <vector>

#include "engine/aligned.h"
#include "engine/layers/attention.h"
#include "engine/models/g2p_encoder.h"
#include "engine/prefetch.h"

namespace tfopt {
namespace {

class AttentionGruNetwork final : public G2pNetwork {
 public:
  AttentionGruNetwork(const Kernels& kernels, const G2pConfig& config, const G2pWeights& weights,
                      const G2pCapacity& capacity)
      : kernels_(kernels),
        weights_(weights),
        width_(Padded(config.hidden)),
        encoder_(kernels, config, weights, capacity.words) {
    const size_t width = static_cast<size_t>(width_);
    const size_t columns = static_cast<size_t>(std::min(capacity.words, kG2pColumns));
    for (Direction* direction : {&forward_, &backward_}) {
      direction->shares = AlignedFloats(capacity.graphemes * 2 * width);
      direction->prefixes.resize(capacity.graphemes);
    }
    memory_ = AlignedFloats(capacity.graphemes * 2 * width);
    places_.resize(static_cast<size_t>(capacity.words));
    large_keys_.resize(static_cast<size_t>(capacity.words));
    lengths_.resize(static_cast<size_t>(capacity.words));
    zeros_ = AlignedFloats(2 * width);
    inputs_.resize(columns);
    operands_ = Operands(weights.output.type, static_cast<int>(columns), config.hidden);
    attended_.resize(columns);
    states_ = AlignedFloats(columns * width);
    attention_ = AlignedFloats(columns * width);
    from_attention_ = AlignedFloats(columns * 3 * width);
    gates_ = AlignedFloats(columns * 3 * width);
    from_state_ = AlignedFloats(columns * 2 * width);
    scratch_ = AlignedFloats(RoundUp(static_cast<size_t>(capacity.longest), kPanel) + width);
    logits_ = AlignedFloats(columns * static_cast<size_t>(weights.output.outputs));
    if (weights.observed()) return;
    first_state_ = AlignedFloats(width);
    from_first_state_ = AlignedFloats(2 * width);
    const float* start = weights.decoder.symbols.Row(config.start_phoneme);
    GruFirstStep(kernels, weights.decoder.gru, &start, {first_state_.data(), 0}, 1, gates_.data());
    Multiply(weights.attention.from_state, {first_state_.data(), 0}, {zeros_.data(), 0},
             {from_first_state_.data(), 0}, 1);
  }

  void Encode(const G2pWords& words) override {
    int place = 0;
    for (int w = 0; w < words.count; ++w) {
      places_[static_cast<size_t>(w)] = place;
      lengths_[static_cast<size_t>(w)] = words.Length(w);
      place += words.Length(w);
    }
    EncodeOneWay(weights_.encoder, weights_.attention.from_forward, words, false, &forward_);
    EncodeOneWay(weights_.backward, weights_.attention.from_backward, words, true, &backward_);
    for (int p = 0; p < place; ++p) {
      const int ahead = std::min(p + 4, place - 1);
      Prefetch(Share(forward_, ahead), 2 * width_);
      Prefetch(Share(backward_, ahead), 2 * width_);
      kernels_.add(Share(forward_, p), Share(backward_, p), 2 * width_, Memory(p));
    }
    for (int w = 0; w < words.count; ++w) {
      const size_t word = static_cast<size_t>(w);
      large_keys_[word] = PrepareKeys(kernels_, Memory(places_[word]), 2 * width_, lengths_[word], width_);
    }
  }

  void Start(int column, int word) override {
    const size_t w = static_cast<size_t>(word);
    const float* memory = Memory(places_[w]);
    attended_[static_cast<size_t>(column)] = {memory, memory + width_, 2 * width_, lengths_[w],
                                              large_keys_[w]};
    std::fill_n(Of(states_, column), width_, 0.0f);
    std::fill_n(Of(attention_, column), width_, 0.0f);
  }

  void Move(int from, int to) override {
    attended_[static_cast<size_t>(to)] = attended_[static_cast<size_t>(from)];
    std::copy_n(Of(states_, from), width_, Of(states_, to));
    std::copy_n(Of(attention_, from), width_, Of(attention_, to));
  }

  // A word's first step begins with zeros, so that what it gives before anything is attended to is known, and computed
  // only where it is to be counted.
  const float* Step(const int32_t* phonemes, int columns, int started) override {
    const G2pSide& side = weights_.decoder;
    const G2pAttention& attention = weights_.attention;
    const int going = weights_.observed() ? columns : columns - started;
    for (int c = 0; c < going; ++c) {
      float* x = from_attention_.data() + c * 3 * width_;
      inputs_[static_cast<size_t>(c)] = x;
      std::copy_n(side.symbols.Row(phonemes[c]), 3 * width_, x);
    }
    const Columns x = {from_attention_.data(), 3 * width_};
    const Columns from_state = {from_state_.data(), 2 * width_};
    Multiply(attention.to_decoder, {attention_.data(), width_}, {x.data, x.stride}, x, going);
    GruStep(kernels_, side.gru, inputs_.data(), {states_.data(), width_}, going, &operands_,
            gates_.data());
    Multiply(attention.from_state, {states_.data(), width_}, {zeros_.data(), 0}, from_state, going);
    for (int c = going; c < columns; ++c) {
      std::copy_n(first_state_.data(), width_, Of(states_, c));
      std::copy_n(from_first_state_.data(), 2 * width_, from_state.data + c * from_state.stride);
    }
    for (int c = 0; c < columns; ++c) {
      float* query = from_state.data + c * from_state.stride;
      float* y = Of(attention_, c);
      std::copy_n(query + width_, width_, y);
      Attend(kernels_, attended_[static_cast<size_t>(c)], query, attention.score, width_,
             scratch_.data(), y);
    }
    Multiply(weights_.output, {attention_.data(), width_}, {weights_.output_bias, 0},
             {logits_.data(), weights_.output.outputs}, columns);
    return logits_.data();
  }

 private:
  // What one direction of the encoder makes of a pool.
  struct Direction {
    AlignedFloats shares;       // [prefixes, 2 hidden]: its share of keys, values
    std::vector<int> prefixes;  // [graphemes]: which of them is read at each place of each word
  };

  void Multiply(const Matrix& w, ConstColumns x, ConstColumns start, Columns y, int columns) {
    if (columns == 0) return;
    kernels_.matmul(w, operands_.Prepare(kernels_, w, x, columns), start, y, columns);
  }

  void EncodeOneWay(const G2pSide& side, const Matrix& to_memory, const G2pWords& words,
                    bool backward, Direction* direction) {
    const G2pPrefixes& prefixes = encoder_.prefixes();
    encoder_.Begin(side, words, backward);
    for (int before = 0; encoder_.Next(); before += prefixes.count()) {
      const ConstColumns states = encoder_.states();
      for (int first = 0; first < prefixes.count(); first += kG2pColumns) {
        float* shares = direction->shares.data() + ptrdiff_t{before + first} * 2 * width_;
        Multiply(to_memory, {states.data + first * states.stride, states.stride}, {zeros_.data(), 0},
                 {shares, 2 * width_}, std::min(kG2pColumns, prefixes.count() - first));
      }
      for (int w = 0; w < prefixes.words(); ++w) {
        const int place = places_[static_cast<size_t>(w)] + prefixes.Place(w);
        direction->prefixes[static_cast<size_t>(place)] = before + prefixes.Of(w);
      }
    }
  }

  const float* Share(const Direction& direction, int place) const {
    const int prefix = direction.prefixes[static_cast<size_t>(place)];
    return direction.shares.data() + ptrdiff_t{prefix} * 2 * width_;
  }

  // Keys and values of a place.
  float* Memory(int place) { return memory_.data() + ptrdiff_t{place} * 2 * width_; }

  // The vector of one column, [hidden].
  float* Of(AlignedFloats& vectors, int column) { return vectors.data() + column * width_; }

  const Kernels& kernels_;
  const G2pWeights weights_;
  const int width_;  // Padded(hidden)
  G2pEncoder encoder_;
  // Of the pool:
  Direction forward_, backward_;
  AlignedFloats memory_;      // [graphemes, 2 hidden]: keys, prepared; values
  std::vector<int> places_;   // [words]: where each begins among the graphemes
  std::vector<int> lengths_;  // [words]
  std::vector<bool> large_keys_;  // [words]
  AlignedFloats zeros_;       // [2 hidden]
  // Of each word's first step:
  AlignedFloats first_state_;       // [hidden]
  AlignedFloats from_first_state_;  // [2 hidden]
  // Of the columns:
  std::vector<const float*> inputs_;
  Operands operands_;
  std::vector<AttentionMemory> attended_;
  AlignedFloats states_;          // [columns, hidden]
  AlignedFloats attention_;       // [columns, hidden]
  AlignedFloats from_attention_;  // [columns, 3 hidden]: with the phoneme's row, the decoder's x
  AlignedFloats gates_;           // [columns, 3 hidden]
  AlignedFloats from_state_;      // [columns, 2 hidden]: query, share of the attention's output
  AlignedFloats scratch_;         // [longest + hidden]
  AlignedFloats logits_;          // [columns, phonemes]
};

}  // namespace

std::unique_ptr<G2pNetwork> MakeAttentionGruNetwork(const Kernels& kernels, const G2pConfig& config,
                                                    const G2pWeights& weights,
                                                    const G2pCapacity& capacity) {
  return std::make_unique<AttentionGruNetwork>(kernels, config, weights, capacity);
}

}  // namespace tfopt
