// Exponentials and argmax, which draw samples and weigh what is attended to, on every level.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/testing.h"

namespace tfopt {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Exponentials, ByHand) {
  // e^0 = 1, and 0 far below the largest; the padding counts for nothing, whatever it holds.
  for (const Kernels* kernels : test::AllKernels()) {
    for (int n = 1; n <= 70; ++n) {
      const size_t size = static_cast<size_t>(n), padded = RoundUp(size, kPanel);
      std::vector<float> x(padded, 1e30f), y(padded, 5.0f);
      std::fill_n(x.begin(), n, 3.0f);
      EXPECT_EQ(kernels->exponentials(x.data(), n, 1.0f, y.data()), static_cast<float>(n));
      for (size_t i = 0; i < padded; ++i) EXPECT_EQ(y[i], i < size ? 1.0f : 0.0f) << n;
      x[size - 1] = 500.0f;
      EXPECT_EQ(kernels->exponentials(x.data(), n, 1.0f, y.data()), 1.0f);
      EXPECT_EQ(y[size - 1], 1.0f);
      EXPECT_EQ(y[0], n == 1 ? 1.0f : 0.0f);
    }
  }
}

TEST(Exponentials, EqualTheReferenceForEveryLength) {
  for (int n = 1; n <= 70; ++n) {
    const size_t size = static_cast<size_t>(n), padded = RoundUp(size, kPanel);
    AlignedFloats x = test::Aligned(test::Random(size, static_cast<uint32_t>(n), 20.0f));
    const double largest = *std::max_element(x.data(), x.data() + n);
    for (float scale : {0.0f, 0.3f, 1.0f, 2.0f}) {
      std::vector<double> expected(padded);
      double sum = 0.0;
      for (size_t i = 0; i < size; ++i) {
        expected[i] = std::exp((x[i] - largest) * double{scale});
        sum += expected[i];
      }
      for (const Kernels* kernels : test::AllKernels()) {
        SCOPED_TRACE(testing::Message() << IsaName(kernels->isa) << ", n " << n << ", scale " << scale);
        std::vector<float> y(padded, 9.0f);
        const float given = kernels->exponentials(x.data(), n, scale, y.data());
        for (size_t i = 0; i < size; ++i) {
          const double exponent = (largest - x[i]) * double{scale};
          ASSERT_NEAR(y[i] / expected[i], 1.0, 3e-7 * (1 + exponent)) << "at " << i;
        }
        for (size_t i = size; i < padded; ++i) ASSERT_EQ(y[i], 0.0f);
        double added = 0.0;
        for (float value : y) added += value;
        ASSERT_NEAR(given / added, 1.0, 9 * 0x1p-24);  // at most 5 + 4 additions
        ASSERT_NEAR(given / sum, 1.0, 2e-6);
        std::vector<float> in_place(x.data(), x.data() + padded);
        kernels->exponentials(in_place.data(), n, scale, in_place.data());
        ASSERT_TRUE(test::SameBits(in_place.data(), y.data(), padded));
      }
    }
  }
}

TEST(Exponentials, OfWhatCannotBe) {
  // Logits of minus infinity are classes that are never drawn.
  for (const Kernels* kernels : test::AllKernels()) {
    std::vector<float> x(16, -kInfinity), y(16);
    x[3] = 2.0f;
    EXPECT_EQ(kernels->exponentials(x.data(), 16, 1.0f, y.data()), 1.0f);
    for (size_t i = 0; i < 16; ++i) EXPECT_EQ(y[i], i == 3 ? 1.0f : 0.0f);
  }
}

TEST(ArgMax, FindsEveryPlaceInEveryLength) {
  for (const Kernels* kernels : test::AllKernels()) {
    for (int n = 1; n <= 70; ++n) {
      for (int place = 0; place < n; ++place) {
        AlignedFloats x = test::Aligned(test::Random(static_cast<size_t>(n), 3));
        x[static_cast<size_t>(place)] = 2.0f;
        ASSERT_EQ(kernels->argmax(x.data(), n), place) << IsaName(kernels->isa) << ", n " << n;
      }
    }
  }
}

TEST(ArgMax, TakesTheFirstOfEquals) {
  for (const Kernels* kernels : test::AllKernels()) {
    for (int n = 2; n <= 70; ++n) {
      for (int place = 0; place + 1 < n; ++place) {
        std::vector<float> x(static_cast<size_t>(n), -1.0f);
        std::fill(x.begin() + place, x.end(), 0.0f);
        ASSERT_EQ(kernels->argmax(x.data(), n), place) << IsaName(kernels->isa) << ", n " << n;
      }
    }
  }
}

TEST(ArgMax, LooksAtNothingBehindTheEnd) {
  for (const Kernels* kernels : test::AllKernels()) {
    for (int n = 1; n <= 70; ++n) {
      std::vector<float> x(RoundUp(static_cast<size_t>(n), kPanel), 0.0f);
      std::fill_n(x.begin(), n, -5.0f);
      x[static_cast<size_t>(n) - 1] = -4.0f;
      ASSERT_EQ(kernels->argmax(x.data(), n), n - 1) << IsaName(kernels->isa);
    }
  }
}

TEST(ArgMax, OfInfinitiesAndNaN) {
  for (const Kernels* kernels : test::AllKernels()) {
    for (int n = 1; n <= 40; ++n) {
      std::vector<float> x(static_cast<size_t>(n), -kInfinity);
      EXPECT_EQ(kernels->argmax(x.data(), n), 0);
      x.back() = kInfinity;
      EXPECT_EQ(kernels->argmax(x.data(), n), n - 1);
      // There is no right answer, but the index has to be one.
      for (float& value : x) {
        value = std::numeric_limits<float>::quiet_NaN();
        const int index = kernels->argmax(x.data(), n);
        EXPECT_TRUE(0 <= index && index < n);
      }
    }
  }
}

}  // namespace
}  // namespace tfopt
