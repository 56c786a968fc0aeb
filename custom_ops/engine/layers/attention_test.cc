#include "engine/layers/attention.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/testing.h"

namespace tfopt {
namespace {

using test::Random;

TEST(Attend, OnePlaceGivesItsValue) {
  const std::vector<float> memory = Random(32, 1), query = Random(16, 2), score = Random(16, 3);
  for (const Kernels* kernels : test::AllKernels()) {
    std::vector<float> scores(16), y(16);
    Attend(*kernels, {memory.data(), memory.data() + 16, 32, 1}, query.data(), score.data(), 16,
           scores.data(), y.data());
    EXPECT_TRUE(test::SameBits(y.data(), &memory[16], 16)) << IsaName(kernels->isa);
  }
}

TEST(Attend, EqualKeysGiveTheMeanOnTopOfWhatIsThere) {
  // Keys of zeros, values 0, 1, 2, 3 in all of their numbers: 1.5, added to 10.
  std::vector<float> memory(4 * 32), query(16, 1.0f), score(16, 1.0f);
  for (size_t t = 0; t < 4; ++t) {
    for (size_t i = 0; i < 16; ++i) memory[t * 32 + 16 + i] = static_cast<float>(t);
  }
  for (const Kernels* kernels : test::AllKernels()) {
    std::vector<float> scores(16, 99.0f), y(16, 10.0f);
    Attend(*kernels, {memory.data(), memory.data() + 16, 32, 4}, query.data(), score.data(), 16,
           scores.data(), y.data());
    for (float value : y) EXPECT_EQ(value, 11.5f) << IsaName(kernels->isa);
  }
}

TEST(Attend, EqualsTheReference) {
  for (int width : {16, 48, 128}) {
    for (int length = 1; length <= 40; ++length) {
      const size_t n = static_cast<size_t>(width), places = static_cast<size_t>(length);
      const std::vector<float> keys = Random(places * (n + 3), 1), values = Random(places * (n + 3), 2);
      const std::vector<float> query = Random(n, 3), score = Random(n, 4), start = Random(n, 5);
      std::vector<double> weights(places), expected(start.begin(), start.end());
      double sum = 0.0;
      for (size_t t = 0; t < places; ++t) {
        double s = 0.0;
        for (size_t i = 0; i < n; ++i) {
          s += score[i] * std::tanh(double{keys[t * (n + 3) + i]} + query[i]);
        }
        sum += weights[t] = std::exp(s);
      }
      for (size_t t = 0; t < places; ++t) {
        for (size_t i = 0; i < n; ++i) expected[i] += weights[t] / sum * values[t * (n + 3) + i];
      }
      // A score's error is its relative change of e^s, in numerator and denominator: below that of
      // tanh_dot (activations_test.cc), of which |score| <= 1 sums n; values and y are at most 1 and 2.
      const double score_error = static_cast<double>(n) * (3e-7 + (width / 16 + 11) * 0x1p-24);
      const double tolerance = 2 * score_error + 2e-6 + 2 * (length + 2) * 0x1p-24;
      for (const Kernels* kernels : test::AllKernels()) {
        std::vector<float> scores(RoundUp(places, kPanel)), y = start;
        Attend(*kernels, {keys.data(), values.data(), width + 3, length}, query.data(),
               score.data(), width, scores.data(), y.data());
        ASSERT_TRUE(test::Close(y.data(), expected.data(), n, tolerance))
            << IsaName(kernels->isa) << ", width " << width << ", length " << length;
      }
    }
  }
}

}  // namespace
}  // namespace tfopt
