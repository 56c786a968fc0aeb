#include "engine/layers/attention.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/testing.h"

namespace tfopt {
namespace {

using test::Random;

// Attends with keys and a query as they are; keys and values [length, width], `stride` apart.
void AttendTo(const Kernels& kernels, const float* keys, const float* values, int stride, int length,
              const std::vector<float>& query, const std::vector<float>& score, std::vector<float>* y) {
  const int width = static_cast<int>(query.size());
  std::vector<float> asked = query;
  std::vector<float> rows(keys, keys + (length - 1) * stride + width);
  const bool large = PrepareKeys(kernels, rows.data(), stride, length, width);
  std::vector<float> scratch(query.size() + RoundUp(static_cast<size_t>(length), kPanel), 99.0f);
  Attend(kernels, {rows.data(), values, stride, length, large}, asked.data(), score.data(), width,
         scratch.data(), y->data());
}

TEST(Attend, OnePlaceGivesItsValue) {
  const std::vector<float> memory = Random(32, 1), query = Random(16, 2), score = Random(16, 3);
  for (const Kernels* kernels : test::AllKernels()) {
    std::vector<float> y(16);
    AttendTo(*kernels, memory.data(), memory.data() + 16, 32, 1, query, score, &y);
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
    std::vector<float> y(16, 10.0f);
    AttendTo(*kernels, memory.data(), memory.data() + 16, 32, 4, query, score, &y);
    for (float value : y) EXPECT_EQ(value, 11.5f) << IsaName(kernels->isa);
  }
}

// Keys and queries of magnitudes up to these.
void ExpectReference(float largest_key, float largest_query) {
  for (int width : {16, 48, 128}) {
    for (int length = 1; length <= 40; ++length) {
      const size_t n = static_cast<size_t>(width), places = static_cast<size_t>(length);
      const std::vector<float> keys = Random(places * (n + 3), 1, largest_key),
                               values = Random(places * (n + 3), 2),
                               query = Random(n, 3, largest_query), score = Random(n, 4),
                               start = Random(n, 5);
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
      // attention_score (activations_test.cc), of which |score| <= 1 sums n; values and y are at most 1 and 2. A
      // large k + q, and the exponents of large k and q that cancel each other, are rounded to more.
      const double exponents = 4.0 * (largest_key + largest_query);
      const double score_error =
          static_cast<double>(n) * (3e-7 + (2 * width / 16 + 16 + exponents) * 0x1p-24);
      const double tolerance = 2 * score_error + 2e-6 + 2 * (length + 2) * 0x1p-24;
      for (const Kernels* kernels : test::AllKernels()) {
        std::vector<float> y = start;
        AttendTo(*kernels, keys.data(), values.data(), width + 3, length, query, score, &y);
        ASSERT_TRUE(test::Close(y.data(), expected.data(), n, tolerance))
            << IsaName(kernels->isa) << ", width " << width << ", length " << length;
      }
    }
  }
}

TEST(Attend, EqualsTheReference) { ExpectReference(1.0f, 1.0f); }

TEST(Attend, EqualsTheReferenceOfLargeKeysAndQueries) {
  ExpectReference(32.5f, 200.0f);  // keys that are small enough, whatever the query
  ExpectReference(60.0f, 60.0f);
  ExpectReference(200.0f, 1.0f);
}

TEST(Attend, OneLargeKeyIsFound) {
  for (const Kernels* kernels : test::AllKernels()) {
    for (size_t place : {0, 5, 47}) {
      for (float key : {32.0f, -32.0f, 34.0f, -34.0f}) {
        std::vector<float> keys(48);  // of three places
        keys[place] = key;
        const std::vector<float> before = keys;
        const bool large = std::abs(key) > 33.0f;
        EXPECT_EQ(PrepareKeys(*kernels, keys.data(), 16, 3, 16), large) << IsaName(kernels->isa) << key;
        EXPECT_EQ(keys == before, large) << "left as they are";
      }
    }
  }
}

// What e^2k and e^2q cannot say: k + q = 10 of k = 60 and q = -50.
TEST(Attend, LargeKeysAndQueriesMayCancelEachOther) {
  std::vector<float> memory(2 * 32), query(16, -50.0f), score(16, 1.0f);
  for (size_t i = 0; i < 16; ++i) {
    memory[i] = 60.0f;       // tanh(10) = 1
    memory[32 + i] = 40.0f;  // tanh(-10) = -1: e^-32 beside it
    memory[16 + i] = 1.0f;
  }
  for (const Kernels* kernels : test::AllKernels()) {
    std::vector<float> y(16);
    AttendTo(*kernels, memory.data(), memory.data() + 16, 32, 2, query, score, &y);
    for (float value : y) EXPECT_NEAR(value, 1.0f, 1e-6) << IsaName(kernels->isa);
  }
}

}  // namespace
}  // namespace tfopt
