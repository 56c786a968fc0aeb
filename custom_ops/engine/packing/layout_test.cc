#include "engine/packing/layout.h"

#include <gtest/gtest.h>

#include <limits>

namespace tfopt {
namespace {

TEST(Layout, BlocksFollowOneAnotherOnCacheLines) {
  alignas(kAlignment) const uint8_t buffer[1024] = {};
  Layout size(nullptr, 64), places(buffer, 64);
  for (Layout* layout : {&size, &places}) {
    const float* first = layout->Floats(1, 16);   // 64 bytes
    const float* second = layout->Floats(3, 1);   // 12, which take 64
    const Matrix third = layout->NextMatrix(2, 32);  // 256
    const bool placed = layout == &places;
    EXPECT_EQ(first, placed ? reinterpret_cast<const float*>(buffer + 64) : nullptr);
    EXPECT_EQ(second, placed ? reinterpret_cast<const float*>(buffer + 128) : nullptr);
    EXPECT_EQ(third.weights, placed ? reinterpret_cast<const float*>(buffer + 192) : nullptr);
    EXPECT_EQ(third.inputs, 2);
    EXPECT_EQ(third.outputs, 32);
    EXPECT_EQ(layout->bytes(), 448u);
    EXPECT_FALSE(layout->overflowed());
  }
}

TEST(Layout, OverflowIsNoticedAndStays) {
  constexpr int kMost = std::numeric_limits<int>::max();
  alignas(kAlignment) const uint8_t buffer[64] = {};
  Layout layout(buffer, 0);
  // 2^31 * 2^31 * 4 bytes are 2^64, a little less with the largest int: two of them do not fit.
  EXPECT_NE(layout.Floats(kMost, kMost), nullptr);
  EXPECT_FALSE(layout.overflowed());
  EXPECT_EQ(layout.Floats(kMost, kMost), nullptr);
  EXPECT_TRUE(layout.overflowed());
  EXPECT_EQ(layout.Floats(1, 1), nullptr);
  EXPECT_TRUE(layout.overflowed());
}

TEST(Layout, NegativeSizesOverflow) {
  Layout layout(nullptr, 0);
  EXPECT_EQ(layout.Floats(-1, 4), nullptr);
  EXPECT_TRUE(layout.overflowed());
}

TEST(Layout, AStartNearTheEndOverflows) {
  Layout layout(nullptr, std::numeric_limits<size_t>::max() - 64);
  layout.Floats(1, 16);
  EXPECT_TRUE(layout.overflowed());
}

}  // namespace
}  // namespace tfopt
