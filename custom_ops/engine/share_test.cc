#include "engine/share.h"

#include <gtest/gtest.h>

#include <vector>

namespace tfopt {
namespace {

TEST(Share, IsTheMatrixOfItsTiles) {
  const std::vector<float> weights(10 * 144);
  const Matrix w = {weights.data(), 10, 144};  // tiles of 64, 64 and 16 outputs
  const Matrix part = ShareOfTiles(140, 1, 3).Of(w);
  EXPECT_EQ(part.weights, weights.data() + 64 * 10);
  EXPECT_EQ(part.inputs, 10);
  EXPECT_EQ(part.outputs, 80);
}

TEST(EvenShare, CoversEveryOutputOnceInWholeTiles) {
  for (int channels : {1, 16, 17, 63, 64, 65, 128, 300, 512}) {
    for (int members = 1; members <= 10; ++members) {
      int covered = 0, most = 0, least = kTile * 100;
      for (int m = 0; m < members; ++m) {
        const Share share = EvenShare(channels, m, members);
        EXPECT_EQ(share.first, covered);
        EXPECT_TRUE(share.count == 0 || share.first % kTile == 0) << share.first;
        covered += share.count;
        most = std::max(most, (share.count + kTile - 1) / kTile);
        least = std::min(least, (share.count + kTile - 1) / kTile);
      }
      EXPECT_EQ(covered, Padded(channels)) << members;
      EXPECT_LE(most - least, 1) << channels << " channels, " << members << " members";
    }
  }
}

}  // namespace
}  // namespace tfopt
