#include "engine/layers/embedding.h"

#include <gtest/gtest.h>

#include "engine/testing.h"

namespace tfopt {
namespace {

TEST(Embedding, RowsAreThoseOfTheTable) {
  const std::vector<float> table = test::Random(3 * 32, 1);
  const Embedding embedding = {table.data(), 32};
  for (int symbol = 0; symbol < 3; ++symbol) {
    EXPECT_EQ(embedding.Row(symbol), table.data() + 32 * symbol);
  }
}

TEST(PackEmbedding, AddsTheBiasByHand) {
  // Two symbols, two groups of one output: [1, 2] and [3, 4], each plus [10, 20].
  const float rows[] = {1, 2, 3, 4}, bias[] = {10, 20};
  std::vector<float> table(2 * 32, 9.0f), expected(2 * 32);
  PackEmbedding(rows, 2, bias, {2, 1}, table.data());
  expected[0] = 11, expected[16] = 22, expected[32] = 13, expected[48] = 24;
  EXPECT_TRUE(test::SameBits(table.data(), expected.data(), table.size()));
}

TEST(PackFoldedEmbedding, MultipliesByHand) {
  // Embeddings [1, 2] and [0, 1], kernel [[1, 2], [3, 4]], bias [10, 20].
  const float embedding[] = {1, 2, 0, 1}, kernel[] = {1, 2, 3, 4}, bias[] = {10, 20};
  std::vector<float> table(2 * 16, 9.0f), expected(2 * 16);
  PackFoldedEmbedding(embedding, 2, 2, kernel, bias, {1, 2}, table.data());
  expected[0] = 17, expected[1] = 30, expected[16] = 13, expected[17] = 24;
  EXPECT_TRUE(test::SameBits(table.data(), expected.data(), table.size()));
}

TEST(PackFoldedEmbedding, EqualsTheReference) {
  for (int width : {1, 5, 40}) {
    for (int hidden : {1, 16, 33}) {
      const size_t symbols = 4, n = static_cast<size_t>(width), o = static_cast<size_t>(3 * hidden);
      const auto embedding = test::Random(symbols * n, 1), kernel = test::Random(n * o, 2),
                 bias = test::Random(o, 3);
      const OutputGroups groups = {3, hidden};
      const size_t padded = static_cast<size_t>(groups.padded());
      std::vector<float> table(symbols * padded, 9.0f);
      PackFoldedEmbedding(embedding.data(), 4, width, kernel.data(), bias.data(), groups, table.data());
      std::vector<double> expected(table.size());
      for (size_t s = 0; s < symbols; ++s) {
        for (size_t i = 0; i < o; ++i) {
          double sum = bias[i];
          for (size_t k = 0; k < n; ++k) sum += double{embedding[s * n + k]} * kernel[k * o + i];
          const size_t group = i / static_cast<size_t>(hidden), place = i % static_cast<size_t>(hidden);
          expected[s * padded + group * static_cast<size_t>(Padded(hidden)) + place] = sum;
        }
      }
      // Summed in double, rounded once: |sum| <= width + 1.
      EXPECT_TRUE(test::Close(table.data(), expected.data(), table.size(), (width + 1) * 0x1.1p-24));
    }
  }
}

}  // namespace
}  // namespace tfopt
