#include "engine/packing/convert_matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "engine/packing/layout.h"
#include "engine/packing/matrix_testing.h"
#include "engine/testing.h"

namespace tfopt {
namespace {

using test::StoredInteger;
using test::StoredWeight;

constexpr WeightType kTypes[] = {WeightType::kFloat32, WeightType::kBfloat16, WeightType::kInt16,
                                 WeightType::kInt8};

// A dense matrix of float32, of zeros at first.
struct FloatMatrix {
  FloatMatrix(int inputs, int outputs)
      : memory(static_cast<size_t>(inputs) * static_cast<size_t>(outputs)),
        w{memory.data(), inputs, outputs} {}

  float& operator()(int i, int o) {
    return memory[test::PlaceOf(WeightType::kFloat32, w.inputs, w.outputs, i, o)];
  }

  // One whose blocks of 16 outputs and four inputs are random, or zero with this probability.
  static FloatMatrix Random(int inputs, int outputs, uint32_t seed, float zeros) {
    FloatMatrix matrix(inputs, outputs);
    const std::vector<float> weights = test::Random(matrix.memory.size(), seed, 0.3f),
                             kept = test::Random(matrix.memory.size(), seed + 1);
    for (int i = 0; i < inputs; ++i) {
      for (int o = 0; o < outputs; ++o) {
        const size_t place = static_cast<size_t>(i * outputs + o);
        const size_t block = static_cast<size_t>(i / 4 * outputs + o / kPanel);
        if ((kept[block] + 1.0f) / 2.0f >= zeros) matrix(i, o) = weights[place];
      }
    }
    return matrix;
  }

  AlignedFloats memory;
  Matrix w;
};

// One that was converted.
struct Converted {
  Converted(const Matrix& from, WeightType type, bool sparse) : format{type, {{}}} {
    if (sparse) format.matrices[0].blocks = static_cast<int32_t>(CountBlocks(from, type).blocks);
    Layout size(nullptr, 0, &format);
    size.NextMatrix(from.inputs, from.outputs);
    memory = AlignedFloats(size.bytes() / sizeof(float));
    std::memset(memory.data(), 0xAA, size.bytes());
    const auto* buffer = reinterpret_cast<const uint8_t*>(memory.data());
    w = Layout(buffer, 0, &format).NextMatrix(from.inputs, from.outputs);
    ConvertMatrix(from, w);
    Layout layout(buffer, 0, &format);
    layout.NextMatrix(from.inputs, from.outputs);
    EXPECT_EQ(layout.status().message(), "") << "is one that can be read";
  }

  uint8_t Byte(size_t i) const { return static_cast<const uint8_t*>(w.weights)[i]; }

  WeightFormat format;
  AlignedFloats memory;
  Matrix w;
};

TEST(ConvertMatrix, Int8ByHand) {
  FloatMatrix from(5, 16);
  const float weights[] = {63.5f, -63.5f, 0.5f, 0.25f, 0.75f};  // 0.25 and 0.75 are ties
  for (int i = 0; i < 5; ++i) from(i, 3) = weights[i];
  const Converted to(from.w, WeightType::kInt8, false);
  EXPECT_EQ(to.w.scales[3], 0.5f);
  EXPECT_EQ(to.w.scales[2], 0.0f) << "of zeros";
  const uint8_t group[] = {128 + 127, 128 - 127, 128 + 1, 128}, next[] = {128 + 2, 128, 128, 128};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(to.Byte(3 * 4 + i), group[i]);
    EXPECT_EQ(to.Byte((16 + 3) * 4 + i), next[i]);
    EXPECT_EQ(to.Byte(2 * 4 + i), 128);
  }
}

TEST(ConvertMatrix, Int16ByHand) {
  FloatMatrix from(3, 16);
  from(0, 1) = 32767.0f / 4;
  from(1, 1) = -1.0f;
  from(2, 1) = 0.125f;  // a tie
  const Converted to(from.w, WeightType::kInt16, false);
  EXPECT_EQ(to.w.scales[1], 0.25f);
  EXPECT_EQ(StoredInteger(to.w, 0, 1), 32767);
  EXPECT_EQ(StoredInteger(to.w, 1, 1), -4);
  EXPECT_EQ(StoredInteger(to.w, 2, 1), 0);
  EXPECT_EQ(StoredInteger(to.w, 3, 1), 0) << "which fills the pair";
}

TEST(ConvertMatrix, Bfloat16ByHand) {
  FloatMatrix from(4, 16);
  const float weights[] = {1.0f + 0x1p-8f, 1.0f + 0x3p-8f, -1.0f - 0x1.1p-8f, -0.0f};
  const uint16_t expected[] = {0x3f80, 0x3f82, 0xbf81, 0x8000};
  for (int i = 0; i < 4; ++i) from(i, 5) = weights[i];
  const Converted to(from.w, WeightType::kBfloat16, false);
  for (int i = 0; i < 4; ++i) {
    const size_t place = static_cast<size_t>(i / 2 * 16 + 5) * 4 + static_cast<size_t>(i % 2) * 2;
    EXPECT_EQ(to.Byte(place) + 256 * to.Byte(place + 1), expected[i]) << i;
  }
}

TEST(ConvertMatrix, SparseByHand) {
  FloatMatrix from(6, 32);
  from(1, 0) = 1.0f;
  from(4, 15) = 2.0f;
  from(5, 17) = 3.0f;
  const Converted floats(from.w, WeightType::kFloat32, true);
  EXPECT_EQ(std::vector<uint32_t>(floats.w.block_starts, floats.w.block_starts + 3),
            (std::vector<uint32_t>{0, 2, 3}));
  EXPECT_EQ(std::vector<uint16_t>(floats.w.block_inputs, floats.w.block_inputs + 3),
            (std::vector<uint16_t>{1, 4, 5}));
  EXPECT_EQ(floats.memory[0], 1.0f);
  EXPECT_EQ(floats.memory[16 + 15], 2.0f);
  EXPECT_EQ(floats.memory[32 + 1], 3.0f);

  const Converted bytes(from.w, WeightType::kInt8, true);  // rows of 8 outputs, two groups of inputs
  EXPECT_EQ(std::vector<uint32_t>(bytes.w.block_starts, bytes.w.block_starts + 5),
            (std::vector<uint32_t>{0, 1, 2, 3, 3}));
  EXPECT_EQ(std::vector<uint16_t>(bytes.w.block_inputs, bytes.w.block_inputs + 3),
            (std::vector<uint16_t>{0, 1, 1}));
  EXPECT_EQ(bytes.Byte(1), 255) << "output 0, input 1";
  EXPECT_EQ(bytes.Byte(32 + 7 * 4), 255) << "output 15, input 4";
  EXPECT_EQ(bytes.Byte(64 + 1 * 4 + 1), 255) << "output 17, input 5";
}

// The most that a stored weight may differ by.
double Tolerance(const Matrix& w, int o, float weight) {
  if (w.type == WeightType::kFloat32) return 0.0;
  if (w.type == WeightType::kBfloat16) return 0x1p-8 * std::fabs(double{weight});
  return 0.5 * double{w.scales[o]} * (1.0 + 1e-9);  // and what a division rounds
}

TEST(ConvertMatrix, StoresEveryWeightOfEverySize) {
  for (int inputs : {1, 2, 3, 4, 5, 18, 31, 64}) {
    for (int outputs : {16, 64, 80, 144}) {
      for (float zeros : {0.0f, 0.6f, 1.0f}) {
        FloatMatrix from = FloatMatrix::Random(inputs, outputs, 7, zeros);
        for (WeightType type : kTypes) {
          for (bool sparse : {false, true}) {
            if (sparse && type == WeightType::kInt16) continue;
            const Converted to(from.w, type, sparse);
            const int end = InputGroups(type, inputs) * InputsPerGroup(type);
            for (int o = 0; o < outputs; ++o) {
              int largest = 0;
              for (int i = 0; i < end; ++i) {
                const float weight = i < inputs ? from(i, o) : 0.0f;
                const double stored = StoredWeight(to.w, i, o);
                ASSERT_LE(std::fabs(stored - double{weight}), Tolerance(to.w, o, weight))
                    << inputs << " inputs, output " << o << " of " << outputs << ", input " << i;
                if (weight == 0.0f) {
                  ASSERT_EQ(stored, 0.0);
                }
                if (IsInteger(type)) largest = std::max(largest, std::abs(StoredInteger(to.w, i, o)));
              }
              if (IsInteger(type) && to.w.scales[o] != 0.0f) {
                // With few inputs no sum of int16 can overflow.
                if (type == WeightType::kInt8) {
                  ASSERT_EQ(largest, 127);
                } else if (inputs <= 16) {
                  ASSERT_EQ(largest, 32767);
                }
              }
            }
          }
        }
      }
    }
  }
}

TEST(CountBlocks, CountsThoseThatHoldAWeight) {
  for (int inputs : {1, 5, 18}) {
    for (int outputs : {16, 80}) {
      FloatMatrix from = FloatMatrix::Random(inputs, outputs, 3, 0.5f);
      for (WeightType type : {WeightType::kFloat32, WeightType::kBfloat16, WeightType::kInt8}) {
        const int wide = type == WeightType::kInt8 ? 8 : 16, deep = type == WeightType::kInt8 ? 4 : 1;
        size_t all = 0, blocks = 0;
        for (int o = 0; o < outputs; o += wide) {
          for (int i = 0; i < inputs; i += deep) {
            bool any = false;
            for (int place = 0; place < wide * deep; ++place) {
              const int input = i + place % deep;
              any |= input < inputs && from(input, o + place / deep) != 0.0f;
            }
            ++all;
            blocks += any ? 1 : 0;
          }
        }
        const BlockCount count = CountBlocks(from.w, type);
        EXPECT_EQ(count.all, all);
        EXPECT_EQ(count.blocks, blocks);
      }
    }
  }
}

// Whatever the weights are, no sum of products with inputs up to 4095 exceeds 32 bits, and one of many equal
// weights comes close to that.
TEST(ConvertMatrix, NoSumOfInt16CanOverflow) {
  constexpr double kMost = std::numeric_limits<int32_t>::max();
  for (int inputs : {1, 15, 16, 17, 100, 511, 4096}) {
    FloatMatrix from(inputs, 16);
    const std::vector<float> random = test::Random(from.memory.size(), 4);
    for (int o = 0; o < 16; ++o) {
      for (int i = 0; i < inputs; ++i) {
        const float value = random[static_cast<size_t>(o * inputs + i)];
        // Equal ones; then of any sign and size, more and more of them nearly as large as the largest.
        const float size = std::pow(std::fabs(value), 1.0f / static_cast<float>(o + 1));
        from(i, o) = o == 0 ? 0.7f : std::copysign(size, value);
      }
    }
    const Converted to(from.w, WeightType::kInt16, false);
    for (int o = 0; o < 16; ++o) {
      double sum = 0.0;
      for (int i = 0; i < inputs; ++i) sum += std::abs(StoredInteger(to.w, i, o));
      EXPECT_LE(sum * 4095, kMost) << inputs << " inputs, output " << o;
      if (o == 0 && inputs > 16) {
        EXPECT_GE(sum * 4095, 0.98 * kMost);
      }
    }
  }
}

TEST(ConvertMatrix, WhatIsReadBackBecomesTheSameAgain) {
  for (WeightType type : {WeightType::kBfloat16, WeightType::kInt8}) {
    for (uint32_t seed = 0; seed < 20; ++seed) {
      const FloatMatrix from = FloatMatrix::Random(9, 80, seed, 0.3f);
      const Converted once(from.w, type, false);
      FloatMatrix read(9, 80);
      for (int i = 0; i < 9; ++i) {
        for (int o = 0; o < 80; ++o) read(i, o) = static_cast<float>(StoredWeight(once.w, i, o));
      }
      const Converted twice(read.w, type, false);
      EXPECT_TRUE(test::SameBits(twice.memory.data(), once.memory.data(), once.memory.size()));
    }
  }
}

TEST(ConvertMatrix, WeightsOfAnySizeAreHarmless) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  constexpr float kLeast = std::numeric_limits<float>::denorm_min();
  FloatMatrix from(3, 16);
  from(0, 0) = kLargest;
  from(1, 0) = -kLargest;
  from(2, 0) = kLeast;
  from(0, 1) = kLeast;
  for (WeightType type : {WeightType::kInt16, WeightType::kInt8}) {
    const Converted to(from.w, type, false);
    const int largest = type == WeightType::kInt8 ? 127 : 32767;
    EXPECT_EQ(StoredInteger(to.w, 0, 0), largest);
    EXPECT_EQ(StoredInteger(to.w, 1, 0), -largest);
    EXPECT_EQ(StoredInteger(to.w, 2, 0), 0);
    EXPECT_TRUE(std::isfinite(to.w.scales[0]) && std::isfinite(to.w.scales[1]));
  }
}

}  // namespace
}  // namespace tfopt
