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
#include "engine/models/g2p_network.h"

namespace tfopt {
namespace {

class AttentionGruNetwork final : public G2pNetwork {
 public:
  AttentionGruNetwork(const Kernels& kernels, const G2pConfig& config, const G2pWeights& weights,
                      const G2pCapacity& capacity)
      : kernels_(kernels), weights_(weights), width_(Padded(config.hidden)) {
    const size_t width = static_cast<size_t>(width_);
    const size_t columns = static_cast<size_t>(std::min(capacity.words, kG2pColumns));
    encoded_ = AlignedFloats(capacity.graphemes * 2 * width);
    memory_ = AlignedFloats(capacity.graphemes * 2 * width);
    places_.resize(static_cast<size_t>(capacity.words));
    lengths_.resize(static_cast<size_t>(capacity.words));
    zeros_ = AlignedFloats(2 * width);
    inputs_.resize(columns);
    operands_ = Operands(weights.output.type,
                         static_cast<int>(std::max(columns, capacity.graphemes)), config.hidden);
    attended_.resize(columns);
    states_ = AlignedFloats(columns * width);
    attention_ = AlignedFloats(columns * width);
    from_attention_ = AlignedFloats(columns * 3 * width);
    gates_ = AlignedFloats(columns * 3 * width);
    from_state_ = AlignedFloats(columns * 2 * width);
    scores_ = AlignedFloats(RoundUp(static_cast<size_t>(capacity.longest), kPanel));
    logits_ = AlignedFloats(columns * static_cast<size_t>(weights.output.outputs));
  }

  void Encode(const G2pWords& words) override {
    ptrdiff_t place = 0;
    for (int w = 0; w < words.count; ++w) {
      places_[static_cast<size_t>(w)] = place;
      lengths_[static_cast<size_t>(w)] = words.Length(w);
      place += words.Length(w);
    }
    for (int first = 0; first < words.count; first += kG2pColumns) {
      const G2pWords part = words.Part(first, std::min(kG2pColumns, words.count - first));
      EncodeColumns(weights_.encoder, false, part, &places_[static_cast<size_t>(first)]);
      EncodeColumns(weights_.backward, true, part, &places_[static_cast<size_t>(first)]);
    }
    const G2pAttention& attention = weights_.attention;
    const Columns memory = {memory_.data(), 2 * width_};
    const int places = static_cast<int>(place);
    Multiply(attention.from_forward, {encoded_.data(), 2 * width_}, {zeros_.data(), 0}, memory,
             places);
    Multiply(attention.from_backward, {encoded_.data() + width_, 2 * width_},
             {memory_.data(), 2 * width_}, memory, places);
  }

  void Start(int column, int word) override {
    const float* memory = memory_.data() + 2 * width_ * places_[static_cast<size_t>(word)];
    attended_[static_cast<size_t>(column)] = {memory, memory + width_, 2 * width_,
                                              lengths_[static_cast<size_t>(word)]};
    std::fill_n(Of(states_, column), width_, 0.0f);
    std::fill_n(Of(attention_, column), width_, 0.0f);
  }

  void Move(int from, int to) override {
    attended_[static_cast<size_t>(to)] = attended_[static_cast<size_t>(from)];
    std::copy_n(Of(states_, from), width_, Of(states_, to));
    std::copy_n(Of(attention_, from), width_, Of(attention_, to));
  }

  const float* Step(const int32_t* phonemes, int columns) override {
    const G2pSide& side = weights_.decoder;
    const G2pAttention& attention = weights_.attention;
    for (int c = 0; c < columns; ++c) {
      float* x = from_attention_.data() + c * 3 * width_;
      inputs_[static_cast<size_t>(c)] = x;
      std::copy_n(side.symbols.Row(phonemes[c]), 3 * width_, x);
    }
    const Columns x = {from_attention_.data(), 3 * width_};
    Multiply(attention.to_decoder, {attention_.data(), width_}, {x.data, x.stride}, x, columns);
    GruStep(kernels_, side.gru, inputs_.data(), {states_.data(), width_}, columns, &operands_,
            gates_.data());

    Multiply(attention.from_state, {states_.data(), width_}, {zeros_.data(), 0},
             {from_state_.data(), 2 * width_}, columns);
    for (int c = 0; c < columns; ++c) {
      const float* query = from_state_.data() + c * 2 * width_;
      float* y = Of(attention_, c);
      std::copy_n(query + width_, width_, y);
      Attend(kernels_, attended_[static_cast<size_t>(c)], query, attention.score, width_,
             scores_.data(), y);
    }
    Multiply(weights_.output, {attention_.data(), width_}, {weights_.output_bias, 0},
             {logits_.data(), weights_.output.outputs}, columns);
    return logits_.data();
  }

 private:
  void Multiply(const Matrix& w, ConstColumns x, ConstColumns start, Columns y, int columns) {
    kernels_.matmul(w, operands_.Prepare(kernels_, w, x, columns), start, y, columns);
  }

  // One direction: writes the state at each place of each word.
  void EncodeColumns(const G2pSide& side, bool backward, const G2pWords& words,
                     const ptrdiff_t* places) {
    const Columns states = {states_.data(), width_};
    int columns = words.count;
    for (int t = 0;; ++t) {
      // Words that are shorter than the first leave the step from the right.
      while (columns > 0 && words.Length(columns - 1) <= t) --columns;
      if (columns == 0) return;
      for (int c = 0; c < columns; ++c) {
        const int place = backward ? words.Length(c) - 1 - t : t;
        inputs_[static_cast<size_t>(c)] = side.symbols.Row(words.Ids(c)[place]);
      }
      if (t == 0) {
        GruFirstStep(kernels_, side.gru, inputs_.data(), states, columns, gates_.data());
      } else {
        GruStep(kernels_, side.gru, inputs_.data(), states, columns, &operands_, gates_.data());
      }
      for (int c = 0; c < columns; ++c) {
        const int place = backward ? words.Length(c) - 1 - t : t;
        std::copy_n(Of(states_, c), width_,
                    encoded_.data() + 2 * width_ * (places[c] + place) + (backward ? width_ : 0));
      }
    }
  }

  // The vector of one column, [hidden].
  float* Of(AlignedFloats& vectors, int column) { return vectors.data() + column * width_; }

  const Kernels& kernels_;
  const G2pWeights weights_;
  const int width_;  // Padded(hidden)
  // Of the pool:
  AlignedFloats encoded_;          // [graphemes, 2 hidden]: states forward, backward
  AlignedFloats memory_;           // [graphemes, 2 hidden]: keys, values
  std::vector<ptrdiff_t> places_;  // [words]: where each begins among the graphemes
  std::vector<int> lengths_;       // [words]
  AlignedFloats zeros_;            // [2 hidden]
  Operands operands_;              // for all places of a pool
  // Of the columns:
  std::vector<const float*> inputs_;
  std::vector<AttentionMemory> attended_;
  AlignedFloats states_;          // [columns, hidden]
  AlignedFloats attention_;       // [columns, hidden]
  AlignedFloats from_attention_;  // [columns, 3 hidden]: with the phoneme's row, the decoder's x
  AlignedFloats gates_;           // [columns, 3 hidden]
  AlignedFloats from_state_;      // [columns, 2 hidden]: query, share of the attention's output
  AlignedFloats scores_;          // [longest]
  AlignedFloats logits_;          // [columns, phonemes]
};

}  // namespace

std::unique_ptr<G2pNetwork> MakeAttentionGruNetwork(const Kernels& kernels, const G2pConfig& config,
                                                    const G2pWeights& weights,
                                                    const G2pCapacity& capacity) {
  return std::make_unique<AttentionGruNetwork>(kernels, config, weights, capacity);
}

}  // namespace tfopt
