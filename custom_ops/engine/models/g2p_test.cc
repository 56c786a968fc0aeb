#include "engine/models/g2p.h"

#include <gtest/gtest.h>

#include "engine/models/g2p_testing.h"

namespace tfopt {
namespace {

using test::G2pBatch;
using test::G2pModel;
using test::kBothG2ps;
using test::RandomG2p;
using test::RandomWords;
using test::SmallG2p;

std::vector<std::vector<float>> Zeros(const G2pConfig& config) {
  std::vector<std::vector<float>> tensors;
  for (const ExpectedTensor& tensor : TensorsOf(config)) tensors.emplace_back(tensor.size());
  return tensors;
}

TEST(G2p, WithoutWeightsTheBiasSpeaks) {
  for (G2pArchitecture architecture : kBothG2ps) {
    const G2pConfig config = SmallG2p(architecture, 5);
    for (int32_t spoken : {1, 4}) {  // the end mark, and a phoneme without end
      auto tensors = Zeros(config);
      tensors.back()[static_cast<size_t>(spoken)] = 1.0f;
      G2pModel model(config, tensors);
      const G2pBatch words({{0}, {1, 2, 3}});
      for (const Kernels* kernels : test::AllKernels()) {
        EXPECT_EQ(words.Decode(*kernels, model), std::vector<int32_t>(2 * 9, spoken));
      }
    }
  }
}

// The encoder's state is the last letter, and the decoder counts upwards from it.
//
// States are one-hot: gates closed to the old state (z = sigmoid(-1000)), candidates tanh(50) = 1 where a
// symbol or state says so. The decoder's candidate adds what the last phoneme and the last state say, and
// output p of the state speaks for phoneme p + 1, the higher the louder.
TEST(G2p, GruCountsUpFromTheLastLetter) {
  constexpr size_t kSymbols = 6;
  G2pConfig config = SmallG2p(G2pArchitecture::kGru, kSymbols, kSymbols);
  config.graphemes = kSymbols;
  config.phonemes = kSymbols;
  config.start_phoneme = 0;
  config.end_phoneme = 5;
  auto tensors = Zeros(config);
  for (size_t side : {size_t{0}, size_t{5}}) {
    for (size_t s = 0; s < kSymbols; ++s) {
      if (side == 0 || s > 0) tensors[side][s * kSymbols + s] = 1.0f;  // the start mark says nothing
      tensors[side + 1][s * 3 * kSymbols + 2 * kSymbols + s] = 50.0f;
      tensors[side + 2][kSymbols + s] = -1000.0f;
      if (side == 5) tensors[side + 3][s * 3 * kSymbols + 2 * kSymbols + s] = 100.0f;
    }
  }
  // The reset gate halves the state's 100.
  for (size_t p = 0; p + 1 < kSymbols; ++p) {
    tensors[10][p * kSymbols + p + 1] = static_cast<float>(p + 1);
  }
  G2pModel model(config, tensors);
  const G2pBatch words({{2}, {5, 0, 4}, {3, 3, 3, 0}, {1}});
  const std::vector<int32_t> expected = {3, 4, 5, 5, 5, 5, 5, 5, 5,  //
                                         5, 5, 5, 5, 5, 5, 5, 5, 5,  //
                                         1, 2, 3, 4, 5, 5, 5, 5, 5,  //
                                         2, 3, 4, 5, 5, 5, 5, 5, 5};
  for (const Kernels* kernels : test::AllKernels()) {
    EXPECT_EQ(words.Decode(*kernels, model), expected) << IsaName(kernels->isa);
  }
}

// States of the forward encoder are one-hot letters; without a query every place counts alike, so the
// attention is the mean of the letters, and the most frequent one speaks.
TEST(G2p, AttentionSaysTheMostFrequentLetter) {
  constexpr size_t kSymbols = 6;
  G2pConfig config = SmallG2p(G2pArchitecture::kAttentionGru, kSymbols);
  config.graphemes = kSymbols;
  auto tensors = Zeros(config);
  for (size_t s = 0; s < kSymbols; ++s) {
    tensors[0][s * 3 * kSymbols + 2 * kSymbols + s] = 50.0f;
    tensors[2][kSymbols + s] = -1000.0f;
    tensors[12][(kSymbols + s) * kSymbols + s] = 1.0f;
    tensors[13][s * kSymbols + s] = 1.0f;
  }
  G2pModel model(config, tensors);
  const G2pBatch words({{2, 3, 3}, {1}, {4, 5, 0, 5, 4, 2, 4}});
  std::vector<int32_t> expected;
  for (int32_t letter : {3, 1, 4}) expected.insert(expected.end(), 9, letter);
  for (const Kernels* kernels : test::AllKernels()) {
    EXPECT_EQ(words.Decode(*kernels, model), expected) << IsaName(kernels->isa);
  }
}

// Whether `phonemes` is what the reference says, where nothing but a near-tie may turn out otherwise.
void ExpectReference(const G2pModel& model, const std::vector<int32_t>& word,
                     const int32_t* phonemes, int* ties) {
  test::G2pReference reference(model, word);
  int32_t fed = model.config.start_phoneme;
  bool ended = false;
  for (int t = 0; t < model.config.max_phonemes; ++t) {
    if (ended) {
      ASSERT_EQ(phonemes[t], model.config.end_phoneme) << "behind the end";
      continue;
    }
    const test::Vector logits = reference.Step(fed);
    double largest = 0.0;
    for (double logit : logits) largest = std::max(largest, std::abs(logit));
    const auto best = std::max_element(logits.begin(), logits.end());
    ASSERT_TRUE(phonemes[t] >= 0 && phonemes[t] < model.config.phonemes);
    // Ten times what the sum of some hundred products in float32 may be wrong by.
    ASSERT_LE(*best - logits[static_cast<size_t>(phonemes[t])], 1e-5 * largest) << "step " << t;
    if (best - logits.begin() != phonemes[t]) ++*ties;
    fed = phonemes[t];
    ended = fed == model.config.end_phoneme;
  }
}

TEST(G2p, EqualsTheReference) {
  int ties = 0, words_compared = 0;
  for (G2pArchitecture architecture : kBothG2ps) {
    for (int hidden : {1, 2, 7, 16, 17, 33, 48, 70}) {
      G2pModel model = RandomG2p(SmallG2p(architecture, hidden, hidden % 5 + 1), 3);
      for (size_t batch : {1, 2, 3, 7, 40}) {
        const G2pBatch words = RandomWords(model.config, batch, 12, static_cast<uint32_t>(batch));
        std::vector<int32_t> judged;
        for (const Kernels* kernels : test::AllKernels()) {
          SCOPED_TRACE(testing::Message() << IsaName(kernels->isa) << ", hidden " << hidden);
          const std::vector<int32_t> phonemes = words.Decode(*kernels, model);
          if (phonemes == judged) continue;  // the reference is slow
          judged = phonemes;
          for (size_t b = 0; b < batch; ++b) {
            ExpectReference(model, words.words[b], &phonemes[b * 9], &ties);
            ++words_compared;
          }
        }
      }
    }
  }
  EXPECT_LE(ties, words_compared / 1000);
}

// Keys and queries that attention cannot take exponentials of.
TEST(G2p, EqualsTheReferenceOfLargeAttention) {
  const G2pConfig config = SmallG2p(G2pArchitecture::kAttentionGru, 33);
  auto tensors = RandomG2p(config, 3).values;
  for (size_t kernel : {9, 10}) {
    for (float& weight : tensors[kernel]) weight *= 100.0f;
  }
  G2pModel model(config, std::move(tensors));
  const G2pBatch words = RandomWords(config, 100, 12, 1);
  int ties = 0;
  for (const Kernels* kernels : test::AllKernels()) {
    SCOPED_TRACE(IsaName(kernels->isa));
    const std::vector<int32_t> phonemes = words.Decode(*kernels, model);
    for (size_t b = 0; b < words.words.size(); ++b) {
      ExpectReference(model, words.words[b], &phonemes[b * 9], &ties);
    }
  }
  EXPECT_EQ(ties, 0);
}

TEST(G2p, NoWordsAreNoTrouble) {
  G2pModel model = RandomG2p(SmallG2p(G2pArchitecture::kGru, 5), 8);
  EXPECT_TRUE(G2pBatch({}).Decode(*test::AllKernels().back(), model).empty());
}

}  // namespace
}  // namespace tfopt
