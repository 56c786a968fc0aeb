#include "engine/packing/layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

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

// --- Matrices of a format ---

constexpr WeightType kTypes[] = {WeightType::kFloat32, WeightType::kBfloat16, WeightType::kInt16,
                                 WeightType::kInt8};

TEST(Layout, DenseMatricesTakeTheBytesOfTheirType) {
  alignas(kAlignment) const uint8_t buffer[2048] = {};
  const size_t weights[] = {5 * 32 * 4, 6 * 32 * 2, 6 * 32 * 2, 8 * 32};  // inputs in whole groups
  for (WeightType type : kTypes) {
    const WeightFormat format{type, {}};
    Layout layout(buffer, 64, &format);
    const Matrix w = layout.NextMatrix(5, 32);
    EXPECT_EQ(w.type, type);
    EXPECT_EQ(w.inputs, 5);
    EXPECT_EQ(w.outputs, 32);
    EXPECT_EQ(w.weights, buffer + 64);
    EXPECT_EQ(w.block_starts, nullptr);
    EXPECT_EQ(w.input_scale, 0.0f);
    const size_t end = 64 + weights[static_cast<size_t>(type)];
    EXPECT_EQ(BytesOf(w), end - 64);
    if (IsInteger(type)) {
      EXPECT_EQ(w.scales, reinterpret_cast<const float*>(buffer + end));
      EXPECT_EQ(layout.bytes(), end + 32 * sizeof(float));
    } else {
      EXPECT_EQ(w.scales, nullptr);
      EXPECT_EQ(layout.bytes(), end);
    }
    EXPECT_EQ(layout.status().message(), "");
  }
}

TEST(Layout, MatricesOfFloatsTakeNoPlaceOfTheFormat) {
  alignas(kAlignment) const uint8_t buffer[2048] = {};
  const WeightFormat format{WeightType::kInt8, {{-1, 0.5f}, {-1, 0.25f}}};
  Layout layout(buffer, 0, &format);
  std::vector<Layout::Block> blocks;
  EXPECT_EQ(layout.NextMatrix(4, 16).input_scale, 0.5f);
  layout.RecordIn(&blocks);
  const Matrix floats = layout.NextFloatMatrix(3, 16);
  EXPECT_EQ(floats.type, WeightType::kFloat32);
  EXPECT_EQ(floats.scales, nullptr);
  const Matrix last = layout.NextMatrix(4, 16);
  EXPECT_EQ(last.input_scale, 0.25f);
  EXPECT_EQ(layout.status().message(), "");
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_FALSE(blocks[0].is_matrix);
  EXPECT_EQ(blocks[0].floats, floats.weights);
  EXPECT_EQ(blocks[0].size, 48u);
  EXPECT_TRUE(blocks[1].is_matrix);
  EXPECT_EQ(blocks[1].matrix.weights, last.weights);
}

TEST(Layout, AFormatIsOfAsManyMatrices) {
  const WeightFormat format{WeightType::kInt8, {{}, {}}};
  Layout layout(nullptr, 0, &format);
  layout.NextMatrix(4, 16);
  EXPECT_EQ(layout.status().message(),
            "weights: expected the format of 1 matrices, got that of 2");
  layout.NextMatrix(4, 16);
  EXPECT_EQ(layout.status().message(), "");
  layout.NextMatrix(4, 16);
  EXPECT_EQ(layout.status().message(),
            "weights: expected the format of 3 matrices, got that of 2");
}

// A sparse matrix of 6 inputs and 32 outputs, and where its blocks are.
struct SparseMatrix {
  SparseMatrix(WeightType type, const std::vector<uint32_t>& starts,
               const std::vector<uint16_t>& inputs)
      : format{type, {{static_cast<int32_t>(inputs.size()), 0.0f}}} {
    Layout layout(buffer, 64, &format);
    w = layout.NextMatrix(6, 32);
    std::copy(starts.begin(), starts.end(), const_cast<uint32_t*>(w.block_starts));
    std::copy(inputs.begin(), inputs.end(), const_cast<uint16_t*>(w.block_inputs));
    bytes = layout.bytes();
  }

  // What is said to those who read it.
  std::string Error() const {
    Layout layout(buffer, 64, &format);
    layout.NextMatrix(6, 32);
    return layout.status().message();
  }

  alignas(kAlignment) uint8_t buffer[2048] = {};
  WeightFormat format;
  Matrix w;
  size_t bytes = 0;
};

TEST(Layout, SparseMatricesTakeTheBytesOfTheirBlocks) {
  // Three blocks: of 16 floats, of 16 bfloat16, of 8 * 4 bytes.
  const SparseMatrix floats(WeightType::kFloat32, {0, 1, 3}, {5, 0, 4});
  EXPECT_EQ(floats.w.weights, floats.buffer + 64);
  EXPECT_EQ(BytesOf(floats.w), 3u * 64);
  const auto at = [](const SparseMatrix& sparse, const void* place) {
    return static_cast<const uint8_t*>(place) - sparse.buffer;
  };
  EXPECT_EQ(at(floats, floats.w.block_starts), 64 + 192);
  EXPECT_EQ(at(floats, floats.w.block_inputs), 64 + 192 + 64);
  EXPECT_EQ(floats.bytes, 64u + 192 + 64 + 64);
  EXPECT_EQ(floats.Error(), "");

  const SparseMatrix halves(WeightType::kBfloat16, {0, 1, 3}, {5, 0, 4});
  EXPECT_EQ(BytesOf(halves.w), 3u * 32);
  EXPECT_EQ(at(halves, halves.w.block_starts), 64 + 128);
  EXPECT_EQ(halves.Error(), "");

  const SparseMatrix bytes(WeightType::kInt8, {0, 1, 1, 3, 3}, {1, 0, 1});
  EXPECT_EQ(BytesOf(bytes.w), 3u * 32);
  EXPECT_EQ(at(bytes, bytes.w.scales), 64 + 128 + 64 + 64);
  EXPECT_EQ(bytes.bytes, 64u + 128 + 64 + 64 + 128);
  EXPECT_EQ(bytes.Error(), "");

  const SparseMatrix none(WeightType::kFloat32, {0, 0, 0}, {});
  EXPECT_EQ(BytesOf(none.w), 0u);
  EXPECT_NE(none.w.weights, nullptr);
  EXPECT_NE(none.w.block_starts, nullptr) << "sparse all the same";
  EXPECT_EQ(none.Error(), "");
}

TEST(Layout, BlocksOutsideTheirMatrixAreRefused) {
  const auto error = [](WeightType type, const std::vector<uint32_t>& starts,
                        const std::vector<uint16_t>& inputs) {
    return SparseMatrix(type, starts, inputs).Error();
  };
  const std::string refused = "packed: expected blocks inside their matrices";
  EXPECT_EQ(error(WeightType::kFloat32, {0, 1, 2}, {0, 5}), "");
  EXPECT_EQ(error(WeightType::kFloat32, {0, 1, 2}, {0, 6}), refused) << "there are 6 inputs";
  EXPECT_EQ(error(WeightType::kInt8, {0, 0, 1, 2, 2}, {0, 1}), "");
  EXPECT_EQ(error(WeightType::kInt8, {0, 0, 1, 2, 2}, {2, 0}), refused) << "there are 2 groups";
  EXPECT_EQ(error(WeightType::kFloat32, {1, 1, 2}, {0, 5}), refused) << "the first start";
  EXPECT_EQ(error(WeightType::kFloat32, {0, 1, 1}, {0, 5}), refused) << "the last start";
  EXPECT_EQ(error(WeightType::kFloat32, {0, 1, 3}, {0, 5}), refused);
  EXPECT_EQ(error(WeightType::kFloat32, {0, 3, 2}, {0, 5}), refused) << "an end before its start";
  EXPECT_EQ(error(WeightType::kFloat32, {0, 0xffffffff, 2}, {0, 5}), refused);
}

// Sums of more might not fit into 32 bits.
TEST(Layout, MatricesOfIntegersHaveAtMost65536Inputs) {
  for (WeightType type : {WeightType::kInt16, WeightType::kInt8}) {
    const WeightFormat format{type, {}};
    Layout fits(nullptr, 0, &format), exceeds(nullptr, 0, &format);
    fits.NextMatrix(65536, 16);
    EXPECT_EQ(fits.status().message(), "");
    exceeds.NextMatrix(65537, 16);
    exceeds.NextMatrix(4, 16);
    EXPECT_FALSE(exceeds.overflowed());
    EXPECT_EQ(exceeds.status().message(),
              "weights: expected at most 65536 inputs of a matrix of integers, got 65537");
  }
  for (WeightType type : {WeightType::kFloat32, WeightType::kBfloat16}) {
    const WeightFormat format{type, {}};
    Layout layout(nullptr, 0, &format);
    layout.NextMatrix(65537, 16);
    EXPECT_EQ(layout.status().message(), "");
  }
}

TEST(Layout, SizesOfAFormatThatOverflowAreNoticed) {
  constexpr int kMost = std::numeric_limits<int>::max();
  const WeightFormat sparse{WeightType::kFloat32, {{kMost, 0.0f}}};
  Layout layout(nullptr, std::numeric_limits<size_t>::max() - (size_t{1} << 36), &sparse);
  EXPECT_EQ(layout.NextMatrix(1, 16).weights, nullptr);
  EXPECT_EQ(layout.status().message(), "config: expected a model that fits into memory");
}

}  // namespace
}  // namespace tfopt
