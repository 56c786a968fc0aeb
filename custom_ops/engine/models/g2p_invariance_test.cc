// What changes no bit of what a g2p model computes: batches, threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "engine/models/g2p_decoder.h"
#include "engine/models/g2p_testing.h"

namespace tfopt {
namespace {

using test::G2pBatch;
using test::G2pModel;
using test::kBothG2ps;
using test::RandomG2p;
using test::RandomWords;
using test::SmallG2p;

// More words than columns, and than a pool; words that do not fit a pool with others.
TEST(G2p, AnySplitOfABatchGivesTheSame) {
  for (G2pArchitecture architecture : kBothG2ps) {
    G2pModel model = RandomG2p(SmallG2p(architecture, 17), 5);
    const Kernels& kernels = *test::AllKernels().back();
    G2pBatch words = RandomWords(model.config, 1500, 14, 1);
    for (size_t length : {9000, 3000}) {
      words.words.push_back(RandomWords(model.config, 1, 1, 9).words[0]);
      words.words.back().resize(length, 3);
    }
    words = G2pBatch(words.words);
    const std::vector<int32_t> together = words.Decode(kernels, model);
    for (size_t size : {1, 17, 48, 49, 600}) {
      std::vector<int32_t> parts;
      for (size_t first = 0; first < words.words.size(); first += size) {
        const auto begin = words.words.begin() + static_cast<ptrdiff_t>(first);
        const size_t count = std::min(size, words.words.size() - first);
        const G2pBatch part({begin, begin + static_cast<ptrdiff_t>(count)});
        const auto phonemes = part.Decode(kernels, model);
        parts.insert(parts.end(), phonemes.begin(), phonemes.end());
      }
      EXPECT_EQ(parts, together) << "in parts of " << size;
    }
    for (int threads : {2, 1000}) {
      EXPECT_EQ(words.Decode(kernels, model, threads), together) << threads << " threads";
    }
  }
}

// Not only the same phonemes, the same bits: logits of a word do not depend on its company.
TEST(G2p, LogitsOfAWordDoNotDependOnItsCompany) {
  for (G2pArchitecture architecture : kBothG2ps) {
    G2pModel model = RandomG2p(SmallG2p(architecture, 17), 6);
    const G2pBatch batch = RandomWords(model.config, 60, 12, 2);
    G2pConfig config;
    G2pWeights weights;
    ASSERT_EQ(ReadG2p(model.Bytes(), model.Size(), &config, &weights).message(), "");
    const auto make = architecture == G2pArchitecture::kGru ? MakeGruNetwork : MakeAttentionGruNetwork;
    std::vector<int> rows(60);
    for (size_t i = 0; i < 60; ++i) rows[i] = static_cast<int>(i);
    std::stable_sort(rows.begin(), rows.end(), [&](int a, int b) {
      return batch.lengths[static_cast<size_t>(a)] > batch.lengths[static_cast<size_t>(b)];
    });
    const G2pWords words = {batch.ids.data(), batch.lengths.data(), static_cast<int>(batch.time),
                            rows.data(), 60};
    const int columns = std::min(60, kG2pColumns), width = Padded(config.phonemes);
    const int late = 7;  // columns that start a step after the others, beside which they then stand
    for (const Kernels* kernels : test::AllKernels()) {
      const auto together = make(*kernels, config, weights, {60, 60 * batch.time, 12});
      together->Encode(words);
      std::vector<std::unique_ptr<G2pNetwork>> alone;
      for (int c = 0; c < columns; ++c) {
        alone.push_back(make(*kernels, config, weights, {1, batch.time, 12}));
        alone.back()->Encode(words.Part(c, 1));
        alone.back()->Start(0, 0);
      }
      for (int32_t t = 0; t < 4; ++t) {
        std::vector<int32_t> fed(static_cast<size_t>(columns), t);
        if (t == 1) std::fill_n(fed.end() - late, late, config.start_phoneme);
        const int count = t == 0 ? columns - late : columns;
        const int started = t == 0 ? count : t == 1 ? late : 0;
        for (int c = count - started; c < count; ++c) together->Start(c, c);
        const float* all = together->Step(fed.data(), count, started);
        for (int c = 0; c < count; ++c) {
          const float* one = alone[static_cast<size_t>(c)]->Step(&fed[static_cast<size_t>(c)], 1,
                                                                 c >= count - started ? 1 : 0);
          ASSERT_TRUE(test::SameBits(one, all + c * width, static_cast<size_t>(config.phonemes)))
              << IsaName(kernels->isa) << ", word " << c << ", step " << t;
        }
      }
    }
  }
}

TEST(G2p, AllocatesNothingWhileItDecodes) {
  for (G2pArchitecture architecture : kBothG2ps) {
    G2pModel model = RandomG2p(SmallG2p(architecture, 33), 7);
    const G2pBatch batch = RandomWords(model.config, 1100, 12, 3);
    G2pConfig config;
    G2pWeights weights;
    ASSERT_EQ(ReadG2p(model.Bytes(), model.Size(), &config, &weights).message(), "");
    std::vector<int> rows(batch.words.size());
    for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<int>(i);
    std::sort(rows.begin(), rows.end(), [&](int a, int b) {
      return batch.lengths[static_cast<size_t>(a)] > batch.lengths[static_cast<size_t>(b)];
    });
    std::vector<int32_t> phonemes(rows.size() * 9);
    for (const Kernels* kernels : test::AllKernels()) {
      G2pDecoder decoder(*kernels, config, weights,
                         {batch.ids.data(), batch.lengths.data(), static_cast<int>(batch.time),
                          rows.data(), static_cast<int>(rows.size())});
      const size_t before = test::Allocations();
      decoder.Run(phonemes.data());
      EXPECT_EQ(test::Allocations(), before) << IsaName(kernels->isa);
    }
    EXPECT_EQ(phonemes, batch.Decode(*test::AllKernels().back(), model));
  }
}

}  // namespace
}  // namespace tfopt
