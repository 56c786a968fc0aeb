#include "engine/packing/matrix.h"

#include <gtest/gtest.h>

#include "engine/packing/matrix_testing.h"
#include "engine/testing.h"

namespace tfopt {
namespace {

TEST(PackMatrix, ByHand) {
  // Two inputs, three outputs: each input's weights, then 13 zeros.
  const float kernel[] = {1, 2, 3, 4, 5, 6};
  AlignedFloats packed(32);
  PackMatrix(kernel, 3, 2, {1, 3}, packed.data());
  std::vector<float> expected(32);
  expected[0] = 1, expected[1] = 2, expected[2] = 3;
  expected[16] = 4, expected[17] = 5, expected[18] = 6;
  EXPECT_TRUE(test::SameBits(packed.data(), expected.data(), 32));
}

TEST(PackMatrix, GroupsArePaddedOneByOne) {
  // One input, two groups of two outputs.
  const float kernel[] = {1, 2, 3, 4};
  const OutputGroups groups = {2, 2};
  ASSERT_EQ(groups.padded(), 32);
  AlignedFloats packed(32);
  PackMatrix(kernel, 4, 1, groups, packed.data());
  std::vector<float> expected(32);
  expected[0] = 1, expected[1] = 2, expected[16] = 3, expected[17] = 4;
  EXPECT_TRUE(test::SameBits(packed.data(), expected.data(), 32));
}

TEST(PackMatrix, EveryWeightHasItsPlaceInTheTiles) {
  for (int groups = 1; groups <= 3; ++groups) {
    for (int width : {1, 15, 16, 17, 31, 63, 64, 65, 100, 129}) {
      for (int inputs : {1, 2, 7}) {
        const OutputGroups outputs = {groups, width};
        const int row = groups * width + 3;  // a part of a wider kernel
        const std::vector<float> kernel = test::Random(static_cast<size_t>(inputs * row), 1);
        std::vector<float> packed(static_cast<size_t>(inputs * outputs.padded()), 9.0f);
        PackMatrix(kernel.data(), row, inputs, outputs, packed.data());
        for (int i = 0; i < inputs; ++i) {
          for (int o = 0; o < outputs.padded(); ++o) {
            const int group = o / Padded(width), place = o % Padded(width);
            const float expected =
                place < width ? kernel[static_cast<size_t>(i * row + group * width + place)] : 0.0f;
            ASSERT_EQ(packed[test::PlaceOf(WeightType::kFloat32, inputs, outputs.padded(), i, o)], expected)
                << groups << " groups of " << width << ", input " << i << ", output " << o;
          }
        }
      }
    }
  }
}

TEST(PackVector, IsPaddedInGroups) {
  const std::vector<float> vector = test::Random(3 * 50, 2);
  std::vector<float> packed(3 * 64, 9.0f);
  PackVector(vector.data(), {3, 50}, packed.data());
  for (size_t o = 0; o < packed.size(); ++o) {
    EXPECT_EQ(packed[o], o % 64 < 50 ? vector[o / 64 * 50 + o % 64] : 0.0f) << o;
  }
}

}  // namespace
}  // namespace tfopt
