// A g2p model with its tensors, its packed form, and a scalar reference in double.
#ifndef TFOPT_ENGINE_MODELS_G2P_TESTING_H_
#define TFOPT_ENGINE_MODELS_G2P_TESTING_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/models/g2p.h"
#include "engine/models/network_testing.h"
#include "engine/testing.h"

namespace tfopt::test {

using Vector = std::vector<double>;

using G2pModel = PackedNetwork<G2pConfig>;

// A small one; `embedding` is of a GRU alone.
inline G2pConfig SmallG2p(G2pArchitecture architecture, int hidden, int embedding = 7) {
  G2pConfig config;
  config.architecture = architecture;
  config.graphemes = 9;
  config.phonemes = 6;
  config.embedding = architecture == G2pArchitecture::kGru ? embedding : 0;
  config.hidden = hidden;
  config.max_phonemes = 9;
  config.start_phoneme = 0;
  config.end_phoneme = 1;
  return config;
}

constexpr G2pArchitecture kBothG2ps[] = {G2pArchitecture::kGru, G2pArchitecture::kAttentionGru};

// Weights at which symbols and state both matter.
inline G2pModel RandomG2p(const G2pConfig& config, uint32_t seed) {
  std::vector<std::vector<float>> tensors;
  const float gain = 2.5f / std::sqrt(static_cast<float>(config.hidden));
  for (const ExpectedTensor& tensor : TensorsOf(config)) {
    tensors.push_back(Random(tensor.size(), seed++, gain));
  }
  return G2pModel(config, std::move(tensors));
}

// y += x W for x [inputs] and W [inputs, outputs], whose rows are `row` apart.
inline void AddProduct(const Vector& x, const float* w, size_t row, Vector* y) {
  for (size_t i = 0; i < x.size(); ++i) {
    for (size_t o = 0; o < y->size(); ++o) (*y)[o] += x[i] * w[i * row + o];
  }
}

// The equations as model/tfopt/g2p/reference.py has them, one word at a time.
class G2pReference {
 public:
  G2pReference(const G2pModel& model, const std::vector<int32_t>& ids) : model_(model) {
    const size_t n = Hidden();
    h_.assign(n, 0.0);
    if (Gru()) {
      for (int32_t id : ids) GruCell(0, id);
      return;
    }
    memory_.assign(ids.size(), Vector(2 * n));
    for (size_t side = 0; side < 2; ++side) {
      h_.assign(n, 0.0);
      for (size_t i = 0; i < ids.size(); ++i) {
        const size_t place = side == 0 ? i : ids.size() - 1 - i;
        AttentionCell(3 * side, Row(model_.values[3 * side], ids[place]));
        std::copy(h_.begin(), h_.end(), memory_[place].begin() + static_cast<ptrdiff_t>(side * n));
      }
    }
    h_.assign(n, 0.0);
    attention_.assign(n, 0.0);
  }

  // Logits after one more phoneme was fed.
  Vector Step(int32_t phoneme) {
    if (Gru()) {
      GruCell(5, phoneme);
      return Output(h_);
    }
    const size_t n = Hidden();
    Vector x = Row(model_.values[6], phoneme);
    AddProduct(attention_, &model_.values[6][Phonemes() * 3 * n], 3 * n, &x);
    AttentionCell(6, x);
    Vector query(n), scores, read = h_;
    AddProduct(h_, model_.values[10].data(), n, &query);
    double sum = 0.0;
    for (const Vector& place : memory_) {
      Vector key = query;
      AddProduct(place, model_.values[9].data(), n, &key);
      double score = 0.0;
      for (size_t i = 0; i < n; ++i) score += model_.values[11][i] * std::tanh(key[i]);
      scores.push_back(std::exp(score));
      sum += scores.back();
    }
    read.resize(3 * n);
    for (size_t t = 0; t < memory_.size(); ++t) {
      for (size_t i = 0; i < 2 * n; ++i) read[n + i] += scores[t] / sum * memory_[t][i];
    }
    attention_.assign(n, 0.0);
    AddProduct(read, model_.values[12].data(), n, &attention_);
    return Output(attention_);
  }

 private:
  bool Gru() const { return model_.config.architecture == G2pArchitecture::kGru; }
  size_t Hidden() const { return static_cast<size_t>(model_.config.hidden); }
  size_t Phonemes() const { return static_cast<size_t>(model_.config.phonemes); }

  // A row [3 hidden] of an input kernel.
  Vector Row(const std::vector<float>& kernel, int32_t symbol) const {
    const auto row = kernel.begin() + symbol * static_cast<ptrdiff_t>(3 * Hidden());
    return {row, row + static_cast<ptrdiff_t>(3 * Hidden())};
  }

  static double Sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

  // PyTorch's GRU, whose tensors begin at `first`.
  void GruCell(size_t first, int32_t symbol) {
    const auto* t = &model_.values[first];
    const size_t n = Hidden(), e = static_cast<size_t>(model_.config.embedding);
    const auto row = t[0].begin() + symbol * static_cast<ptrdiff_t>(e);
    Vector x(t[2].begin(), t[2].end()), u(t[4].begin(), t[4].end());
    AddProduct({row, row + static_cast<ptrdiff_t>(e)}, t[1].data(), 3 * n, &x);
    AddProduct(h_, t[3].data(), 3 * n, &u);
    for (size_t i = 0; i < n; ++i) {
      const double r = Sigmoid(x[i] + u[i]), z = Sigmoid(x[n + i] + u[n + i]);
      h_[i] = (1 - z) * std::tanh(x[2 * n + i] + r * u[2 * n + i]) + z * h_[i];
    }
  }

  // TensorFlow 1's GRUCell, whose tensors begin at `first`; x is without its bias.
  void AttentionCell(size_t first, const Vector& input) {
    const auto *kernel = &model_.values[first + 1], *bias = &model_.values[first + 2];
    const size_t n = Hidden();
    Vector gates(2 * n), candidate(n), reset(n);
    for (size_t i = 0; i < 2 * n; ++i) gates[i] = input[i] + (*bias)[i];
    for (size_t i = 0; i < n; ++i) candidate[i] = input[2 * n + i] + (*bias)[2 * n + i];
    AddProduct(h_, kernel->data(), 3 * n, &gates);
    for (size_t i = 0; i < n; ++i) reset[i] = Sigmoid(gates[i]) * h_[i];
    AddProduct(reset, kernel->data() + 2 * n, 3 * n, &candidate);
    for (size_t i = 0; i < n; ++i) {
      const double z = Sigmoid(gates[n + i]);
      h_[i] = z * h_[i] + (1 - z) * std::tanh(candidate[i]);
    }
  }

  Vector Output(const Vector& x) const {
    const auto& bias = model_.values[model_.values.size() - 1];
    Vector logits(bias.begin(), bias.end());
    AddProduct(x, model_.values[model_.values.size() - 2].data(), Phonemes(), &logits);
    return logits;
  }

  const G2pModel& model_;
  Vector h_, attention_;
  std::vector<Vector> memory_;
};

// Words as the decoder takes them.
struct G2pBatch {
  explicit G2pBatch(const std::vector<std::vector<int32_t>>& words_) : words(words_) {
    for (const auto& word : words) time = std::max(time, word.size());
    for (const auto& word : words) {
      lengths.push_back(static_cast<int32_t>(word.size()));
      ids.insert(ids.end(), word.begin(), word.end());
      // What is behind a word's end is not looked at.
      ids.insert(ids.end(), time - word.size(), -7);
    }
  }

  // Phonemes [batch, max_phonemes], or a failed expectation.
  std::vector<int32_t> Decode(const Kernels& kernels, G2pModel& model, int threads = 1) const {
    std::vector<int32_t> phonemes(words.size() * static_cast<size_t>(model.config.max_phonemes), -1);
    EXPECT_EQ(DecodeG2p(kernels, model.Bytes(), model.Size(), static_cast<int>(words.size()),
                        static_cast<int>(time), ids.data(), lengths.data(), threads, phonemes.data())
                  .message(),
              "");
    return phonemes;
  }

  std::vector<std::vector<int32_t>> words;
  size_t time = 0;
  std::vector<int32_t> ids, lengths;
};

// `count` words of 1 to `longest` letters.
inline G2pBatch RandomWords(const G2pConfig& config, size_t count, size_t longest, uint32_t seed) {
  std::mt19937 generator(seed);
  std::vector<std::vector<int32_t>> words(count);
  for (auto& word : words) {
    word.resize(1 + generator() % longest);
    for (int32_t& id : word) {
      id = static_cast<int32_t>(generator() % static_cast<uint32_t>(config.graphemes));
    }
  }
  return G2pBatch(words);
}

}  // namespace tfopt::test

#endif  // TFOPT_ENGINE_MODELS_G2P_TESTING_H_
