#include "engine/packing/tensors.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace tfopt {
namespace {

TEST(CheckTensors, NamesTheOneAtFault) {
  const std::vector<ExpectedTensor> expected = {{"kernel", {3, 1}}, {"bias", {2}}};
  const auto message = [&](const std::vector<std::vector<float>>& values) {
    std::vector<Tensor> tensors;
    for (const std::vector<float>& v : values) tensors.push_back({v.data(), v.size()});
    return CheckTensors(expected, tensors).message();
  };
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(message({{1, 2, 3}, {4, 5}}), "");
  EXPECT_EQ(message({{1, 2, 3}}), "weights: expected 2 tensors, got 1");
  EXPECT_EQ(message({{1, 2, 3}, {4, 5}, {}}), "weights: expected 2 tensors, got 3");
  EXPECT_EQ(message({{1, 2, 3}, {4, 5, 6}}), "weights[1] (bias): expected 2 values, got 3");
  EXPECT_EQ(message({{}, {4, 5}}), "weights[0] (kernel): expected 3 values, got 0");
  EXPECT_EQ(message({{1, 2, -kInfinity}, {4, 5}}),
            "weights[0] (kernel): expected finite values, got -inf at 2");
  EXPECT_EQ(message({{1, 2, 3}, {std::numeric_limits<float>::quiet_NaN(), 5}}),
            "weights[1] (bias): expected finite values, got nan at 0");
}

TEST(CheckTensors, OptionalOnesMayBeEmptyButNotWrong) {
  const std::vector<ExpectedTensor> expected = {{"bias", {2}, true}};
  const std::vector<float> values = {1, 2};
  EXPECT_EQ(CheckTensors(expected, {{nullptr, 0}}).message(), "");
  EXPECT_EQ(CheckTensors(expected, {{values.data(), 2}}).message(), "");
  EXPECT_EQ(CheckTensors(expected, {{values.data(), 1}}).message(),
            "weights[0] (bias): expected 2 values, got 1");
}

}  // namespace
}  // namespace tfopt
