#include "engine/packing/weight_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>

namespace tfopt {
namespace {

using ::testing::ElementsAre;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr int kMost = std::numeric_limits<int>::max(), kLeast = std::numeric_limits<int>::min();

int32_t Bits(float number) {
  int32_t bits = 0;
  std::memcpy(&bits, &number, sizeof(bits));
  return bits;
}

// What is wrong with a list of integers.
std::string Error(std::vector<int32_t> integers) {
  WeightFormat format;
  return WeightFormat::TakeIntegers(&integers, &format).message();
}

TEST(WeightFormat, IsReadAsItWasWritten) {
  const std::vector<MatrixFormat> dense = {{}, {}}, sparse = {{7, 0.0f}, {}, {0, 0.0f}},
                                  scaled = {{-1, 0.25f}, {-1, 0.0f}, {-1, 0x1p-100f}},
                                  both = {{3, 3e38f}, {-1, 1.0f}};
  const auto expect_read = [](WeightType type, const std::vector<MatrixFormat>& matrices) {
    const WeightFormat written{type, matrices};
    std::vector<int32_t> integers = written.ToIntegers();
    integers.push_back(77);  // what follows is somebody else's
    WeightFormat read{WeightType::kInt16, {{5, 1.0f}}};
    ASSERT_EQ(WeightFormat::TakeIntegers(&integers, &read).message(), "");
    EXPECT_THAT(integers, ElementsAre(77));
    EXPECT_EQ(read.type, type);
    ASSERT_EQ(read.matrices.size(), matrices.size());
    for (size_t i = 0; i < matrices.size(); ++i) {
      EXPECT_EQ(read.matrices[i].blocks, matrices[i].blocks);
      EXPECT_EQ(read.matrices[i].input_scale, matrices[i].input_scale);
    }
  };
  for (int type = 0; type < kWeightTypes; ++type) {
    expect_read(WeightType{type}, {});
    expect_read(WeightType{type}, dense);
  }
  for (WeightType type : {WeightType::kFloat32, WeightType::kBfloat16, WeightType::kInt8}) {
    expect_read(type, sparse);
  }
  for (WeightType type : {WeightType::kInt16, WeightType::kInt8}) expect_read(type, scaled);
  expect_read(WeightType::kInt8, both);
}

TEST(WeightFormat, AsIntegers) {
  EXPECT_THAT(WeightFormat().ToIntegers(), ElementsAre(0, 0));
  EXPECT_THAT((WeightFormat{WeightType::kInt8, {{-1, 0.5f}, {9, 0.0f}}}.ToIntegers()),
              ElementsAre(3, 2, -1, 0x3f000000, 9, 0));
}

TEST(WeightFormat, OthersAreRefused) {
  EXPECT_EQ(Error({}), "packed: integers: expected at least 2, got 0");
  EXPECT_EQ(Error({0}), "packed: integers: expected at least 2, got 1");
  EXPECT_EQ(Error({4, 0}), "packed: type of the weights: expected from 0 to 3, got 4");
  EXPECT_EQ(Error({-1, 0}), "packed: type of the weights: expected from 0 to 3, got -1");
  for (int count : {-1, 2, kMost, kLeast}) {
    EXPECT_EQ(Error({3, count, -1, 0, 5}),
              "packed: matrices: expected as many as there are integers for, got " +
                  std::to_string(count));
  }
  EXPECT_EQ(Error({0, 1, -2, 0}), "packed: blocks of a matrix: expected at least -1, got -2");
  EXPECT_EQ(Error({2, 1, 0, 0}), "packed: blocks of a matrix of int16: expected -1, got 0");
  for (int type : {0, 1}) {
    EXPECT_EQ(Error({type, 1, -1, Bits(1.0f)}),
              "packed: input scale of a matrix of floats: expected 0, got 1.000000");
    EXPECT_NE(Error({type, 1, -1, Bits(std::nanf(""))}), "");
  }
  for (int type : {2, 3}) {
    for (float scale : {-1.0f, 0x1p-101f, kInfinity, -kInfinity, std::nanf("")}) {
      EXPECT_EQ(Error({type, 2, -1, 0, -1, Bits(scale)}),
                "packed: input scale of a matrix: expected 0 or a finite number from 2^-100 on, got " +
                    std::to_string(scale));
    }
  }
}

}  // namespace
}  // namespace tfopt
