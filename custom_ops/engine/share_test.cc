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

TEST(Share, OfASparseMatrixIsItsBlocks) {
  // Rows of 16 outputs: three blocks in the first tile, two in the second, one in what is left.
  const std::vector<uint32_t> starts = {0, 1, 1, 3, 3, 3, 4, 4, 5, 6};
  const std::vector<uint16_t> inputs = {0, 1, 2, 3, 4, 5};
  const std::vector<float> weights(6 * 16);
  Matrix w = {weights.data(), 10, 144};
  w.block_starts = starts.data();
  w.block_inputs = inputs.data();
  EXPECT_EQ(BytesOf(w), 6u * 64);
  const Matrix part = ShareOfTiles(140, 1, 3).Of(w);
  EXPECT_EQ(part.outputs, 80);
  EXPECT_EQ(part.block_starts, starts.data() + 4);
  EXPECT_EQ(part.weights, w.weights) << "starts count from the first block";
  EXPECT_EQ(BytesOf(part), 3u * 64);
  EXPECT_EQ(BytesOf(ShareOfTiles(140, 1, 2).Of(w)), 2u * 64);
  EXPECT_EQ(BytesOf(ShareOfTiles(140, 1, 1).Of(w)), 0u);
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
