#include "engine/sampling/philox.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/testing.h"

namespace tfopt {
namespace {

constexpr uint64_t kAll = ~uint64_t{0};

std::vector<float> Numbers(uint64_t seed, uint64_t stream, uint64_t first, size_t count) {
  std::vector<float> numbers(count, -1.0f);
  Uniforms(seed, stream, first, count, numbers.data());
  return numbers;
}

// numpy.random.Philox(key=[3, 5], counter=[6, 7, 8, 9]).random_raw(4), and so on: NumPy adds 1 to the counter
// before it computes.
TEST(Philox, GivesNumpysNumbers) {
  using Numbers = std::array<uint64_t, 4>;
  EXPECT_EQ(Philox4x64({1, 0, 0, 0}, {0, 0}),
            (Numbers{0x02f4ba6408e4d89b, 0x3dd62b0b9ca8c5b2, 0x1c8667a55d902e79, 0x907d7a052fd5b4dc}));
  EXPECT_EQ(Philox4x64({7, 7, 8, 9}, {3, 5}),
            (Numbers{0x47222880439fa8ab, 0x19277c12d10e4a8e, 0x21ee1fc9419416cd, 0x1fffa22cffed4841}));
  EXPECT_EQ(Philox4x64({kAll, kAll, kAll, kAll}, {kAll, kAll}),
            (Numbers{0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0}));
}

// tfopt.randomness.uniforms(3, [5], 0, 3, 2), and (2**64 - 1, [2**64 - 1], 2**40, 2, 2).
TEST(Philox, UniformsAreThoseOfPython) {
  EXPECT_EQ(Numbers(3, 5, 0, 6), (std::vector<float>{0x1.6cf4c0p-4f, 0x1.53db74p-2f, 0x1.525910p-3f,
                                                     0x1.7cc7b8p-2f, 0x1.940fc0p-2f, 0x1.e71e48p-1f}));
  EXPECT_EQ(Numbers(kAll, kAll, uint64_t{1} << 41, 4),
            (std::vector<float>{0x1.3f4330p-2f, 0x1.da01ccp-1f, 0x1.cd8ba8p-3f, 0x1.e90fdap-1f}));
}

TEST(Philox, PiecesEqualTheWhole) {
  const std::vector<float> whole = Numbers(7, 1, 0, 64);
  for (size_t first = 0; first < 9; ++first) {
    for (size_t count = 0; count < 11; ++count) {
      const std::vector<float> piece = Numbers(7, 1, first, count);
      EXPECT_TRUE(test::SameBits(piece.data(), whole.data() + first, count)) << first;
    }
  }
}

TEST(Philox, SeedsAndStreamsDiffer) {
  const std::vector<float> one = Numbers(1, 2, 0, 8);
  EXPECT_NE(one, Numbers(2, 1, 0, 8));
  EXPECT_NE(one, Numbers(1, 3, 0, 8));
  EXPECT_NE(one, Numbers(2, 2, 0, 8));
}

TEST(Philox, NumbersAreInTheUnitInterval) {
  double sum = 0.0;
  for (float number : Numbers(0, 0, 0, 10000)) {
    ASSERT_GE(number, 0.0f);
    ASSERT_LT(number, 1.0f);
    sum += static_cast<double>(number);
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.015) << "five standard deviations";
}

}  // namespace
}  // namespace tfopt
