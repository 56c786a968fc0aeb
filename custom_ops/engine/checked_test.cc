#include "engine/checked.h"

#include <gtest/gtest.h>

#include <limits>

namespace tfopt {
namespace {

constexpr size_t kMost = std::numeric_limits<size_t>::max();

TEST(CheckedProduct, MultipliesWhatFits) {
  size_t product = 7;
  EXPECT_TRUE(CheckedProduct({}, &product));
  EXPECT_EQ(product, 1u);
  EXPECT_TRUE(CheckedProduct({2, 3, 5}, &product));
  EXPECT_EQ(product, 30u);
  EXPECT_TRUE(CheckedProduct({kMost, 1}, &product));
  EXPECT_EQ(product, kMost);
  EXPECT_TRUE(CheckedProduct({kMost, 0}, &product));
  EXPECT_EQ(product, 0u);
}

TEST(CheckedProduct, NoticesAnOverflow) {
  size_t product = 0;
  EXPECT_FALSE(CheckedProduct({kMost, 2}, &product));
  EXPECT_FALSE(CheckedProduct({kMost / 2 + 1, 2}, &product));
  EXPECT_FALSE(CheckedProduct({size_t{1} << 32, size_t{1} << 32, 1}, &product));
}

TEST(CheckedSum, AddsWhatFits) {
  size_t sum = 7;
  EXPECT_TRUE(CheckedSum({}, &sum));
  EXPECT_EQ(sum, 0u);
  EXPECT_TRUE(CheckedSum({1, 2, 3}, &sum));
  EXPECT_EQ(sum, 6u);
  EXPECT_TRUE(CheckedSum({kMost - 1, 1}, &sum));
  EXPECT_EQ(sum, kMost);
}

TEST(CheckedSum, NoticesAnOverflow) {
  size_t sum = 0;
  EXPECT_FALSE(CheckedSum({kMost, 1}, &sum));
  EXPECT_FALSE(CheckedSum({1, kMost, 0}, &sum));
}

}  // namespace
}  // namespace tfopt
