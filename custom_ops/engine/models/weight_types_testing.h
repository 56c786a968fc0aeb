// Models whose weights are of every type, dense and block-sparse, which several tests share.
#ifndef TFOPT_ENGINE_MODELS_WEIGHT_TYPES_TESTING_H_
#define TFOPT_ENGINE_MODELS_WEIGHT_TYPES_TESTING_H_

#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "engine/models/g2p_network.h"
#include "engine/models/g2p_testing.h"
#include "engine/models/packed_models.h"
#include "engine/models/wavenet_testing.h"
#include "engine/models/wavernn_testing.h"
#include "engine/packing/matrix_testing.h"
#include "engine/testing.h"

namespace tfopt::test {

struct TypeCase {
  std::string name;
  WeightChoice choice;
};

// Every way to store weights but for inputs with scales given.
inline std::vector<TypeCase> TypeCases() {
  return {{"float32, sparse", {WeightType::kFloat32, 1.0f, {}}},
          {"bfloat16", {WeightType::kBfloat16, 0.0f, {}}},
          {"bfloat16, sparse", {WeightType::kBfloat16, 1.0f, {}}},
          {"int16", {WeightType::kInt16, 0.0f, {}}},
          {"int8", {WeightType::kInt8, 0.0f, {}}},
          {"int8, sparse", {WeightType::kInt8, 1.0f, {}}}};
}

// The matrices that the format of a packed model is of.
inline std::vector<Matrix> MatricesOf(const uint8_t* packed, size_t size) {
  std::vector<Matrix> matrices;
  const Status status = VisitPackedModel(packed, size, [&](auto model) {
    typename decltype(model)::Config config;
    WeightFormat format;
    std::vector<Layout::Block> blocks;
    const Status read = model.Read(packed, size, &config, &format, &blocks);
    for (const Layout::Block& block : blocks) {
      if (block.is_matrix) matrices.push_back(block.matrix);
    }
    return read;
  });
  EXPECT_EQ(status.message(), "");
  return matrices;
}

inline void SetWeight(const Matrix& w, int i, int o, float weight) {
  WritableFloats(w)[PlaceOf(w, i, o)] = weight;
}

// Makes zeros of about two thirds of the blocks of 16 outputs and four inputs of every other matrix of a packed
// float32 model, so that some are sparse and some dense among those that multiply the same vectors.
template <class Network>
void Prune(Network* network) {
  const std::vector<Matrix> matrices = MatricesOf(network->Bytes(), network->Size());
  std::mt19937 random(5);
  for (size_t m = 0; m < matrices.size(); ++m) {
    if (m % 2 == 0) continue;
    const Matrix& w = matrices[m];
    for (int first = 0; first < w.inputs; first += 4) {
      for (int panel = 0; panel < w.outputs; panel += kPanel) {
        if (random() % 3 == 0) continue;
        for (int i = first; i < std::min(first + 4, w.inputs); ++i) {
          for (int o = panel; o < panel + kPanel; ++o) SetWeight(w, i, o, 0.0f);
        }
      }
    }
  }
}

// Gives a packed float32 model the weights that a converted one multiplies with.
template <class Network>
void TakeWeightsOf(Network& converted, Network* floats) {
  const std::vector<Matrix> from = MatricesOf(converted.Bytes(), converted.Size()),
                            to = MatricesOf(floats->Bytes(), floats->Size());
  ASSERT_EQ(from.size(), to.size());
  for (size_t m = 0; m < from.size(); ++m) {
    for (int i = 0; i < from[m].inputs; ++i) {
      for (int o = 0; o < from[m].outputs; ++o) {
        SetWeight(to[m], i, o, static_cast<float>(StoredWeight(from[m], i, o)));
      }
    }
  }
}

// --- Models of each kind, of sizes that no vector has ---

inline WavenetConfig ConditionedWavenet() {
  WavenetConfig c = CategoricalWavenet(45, 39, 75, 70, 50, {1, 2, 4, 1}, 3);
  c.local_channels = 6;
  c.global_channels = 3;
  return c;
}

inline std::vector<WavernnConfig> WavernnsOfEachKind() {
  WavernnConfig two = CategoricalWavernn(21, 7, 75, 50, 8), one = two, split = two;
  one.rnn_layers = one.fc_layers = 1;
  split.bits = 10;
  split.output = WavernnOutput::kSplit;
  return {two, one, split};
}

inline std::vector<G2pConfig> G2psOfBothKinds() {
  return {{G2pArchitecture::kGru, 9, 20, 11, 75, 8, 0, 1},
          {G2pArchitecture::kAttentionGru, 9, 20, 0, 75, 8, 0, 1}};
}

// Logits [steps, words, phonemes] of a model that is fed the phonemes 0, 1, ... `observed`, if given, gets what its
// matrices have multiplied for them; `allocations` how often memory was asked for.
inline std::vector<float> G2pLogits(const Kernels& kernels, G2pModel& model, const G2pBatch& words,
                                    InputHistograms* observed = nullptr,
                                    size_t* allocations = nullptr) {
  G2pConfig config;
  G2pWeights weights;
  EXPECT_EQ(ReadG2p(model.Bytes(), model.Size(), &config, &weights, observed).message(), "");
  const int count = static_cast<int>(words.words.size()), time = static_cast<int>(words.time);
  std::vector<int> rows(words.words.size());  // longest first
  std::iota(rows.begin(), rows.end(), 0);
  std::stable_sort(rows.begin(), rows.end(), [&](int a, int b) {
    return words.lengths[static_cast<size_t>(a)] > words.lengths[static_cast<size_t>(b)];
  });
  const auto make = config.architecture == G2pArchitecture::kGru ? MakeGruNetwork
                                                                 : MakeAttentionGruNetwork;
  const std::unique_ptr<G2pNetwork> network =
      make(kernels, config, weights, {count, words.ids.size(), time});
  std::vector<float> logits(Volume({config.max_phonemes, count, config.phonemes}));
  std::vector<int32_t> fed(rows.size());
  const size_t before = Allocations();
  network->Encode({words.ids.data(), words.lengths.data(), time, rows.data(), count});
  for (int c = 0; c < count; ++c) network->Start(c, c);
  for (int t = 0; t < config.max_phonemes; ++t) {
    std::fill(fed.begin(), fed.end(), t);
    const float* step = network->Step(fed.data(), count, t == 0 ? count : 0);
    for (ptrdiff_t c = 0; c < count; ++c) {
      const ptrdiff_t row = ptrdiff_t{t} * count + rows[static_cast<size_t>(c)];
      std::copy_n(step + c * Padded(config.phonemes), config.phonemes,
                  logits.begin() + row * config.phonemes);
    }
  }
  if (allocations != nullptr) *allocations = Allocations() - before;
  return logits;
}

}  // namespace tfopt::test

#endif  // TFOPT_ENGINE_MODELS_WEIGHT_TYPES_TESTING_H_
