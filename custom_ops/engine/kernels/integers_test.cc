// Products of integers on every level that the CPU has: what typed_matmul_test.cc does not say of them.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/kernels/product_testing.h"

namespace tfopt {
namespace {

using test::MatrixKind;
using test::Size;
using test::TypedMatrix;

class Integers : public testing::TestWithParam<MatrixKind> {
 protected:
  static float LargestInputOf() { return static_cast<float>(LargestInput(GetParam().type)); }
  static float LargestWeight() { return GetParam().type == WeightType::kInt8 ? 127.0f : 32767.0f; }

  // A matrix times a vector.
  static std::vector<float> Multiply(const Kernels& kernels, const TypedMatrix& w,
                                     const std::vector<float>& x, const std::vector<float>& start) {
    Operands operands(GetParam().type, 1, w.matrix().inputs);
    const Operand operand = operands.Prepare(kernels, w.matrix(), {x.data(), 0}, 1);
    std::vector<float> y(start.size());
    kernels.matmul(w.matrix(), operand, {start.data(), 0}, {y.data(), 0}, 1);
    return y;
  }

  // What each number of a vector becomes where 1 is `input_scale`: a matrix of ones and zeros leaves it to them.
  static std::vector<float> Prepared(const Kernels& kernels, const std::vector<float>& x,
                                     float input_scale) {
    const int n = static_cast<int>(x.size()), outputs = Padded(n);
    // Weights of 1, while another input, of zero, makes 1 the scale.
    std::vector<float> kernel(Size((n + 1) * outputs));
    for (int i = 0; i < n; ++i) kernel[Size(i * outputs + i)] = 1.0f;
    std::fill_n(&kernel[Size(n * outputs)], outputs, LargestWeight());
    const TypedMatrix w(GetParam(), kernel, n + 1, outputs, input_scale);
    std::vector<float> with_zero = x;
    with_zero.push_back(0.0f);
    std::vector<float> y = Multiply(kernels, w, with_zero, std::vector<float>(Size(outputs)));
    y.resize(x.size());
    return y;
  }
};

INSTANTIATE_TEST_SUITE_P(Kinds, Integers,
                         testing::Values(MatrixKind{WeightType::kInt16, false},
                                         MatrixKind{WeightType::kInt8, false},
                                         MatrixKind{WeightType::kInt8, true}),
                         testing::PrintToStringParamName());

TEST_P(Integers, MultiplyByHand) {
  // The largest input and the largest weight make 1 of the integers 1.
  // y = [1, 2, ..., 16] + 1 * largest + o * 2 - o * 1 + largest weight * 0
  const float largest = LargestInputOf();
  std::vector<float> kernel(4 * 16), start(16);
  for (size_t o = 0; o < 16; ++o) {
    const float output = static_cast<float>(o);
    kernel[o] = 1.0f;
    kernel[16 + o] = output;
    kernel[32 + o] = -output;
    kernel[48 + o] = LargestWeight();
    start[o] = output + 1.0f;
  }
  const TypedMatrix w(GetParam(), kernel, 4, 16);
  for (const Kernels* kernels : test::AllKernels()) {
    const std::vector<float> y = Multiply(*kernels, w, {largest, 2.0f, 1.0f, 0.0f}, start);
    for (size_t o = 0; o < 16; ++o) {
      EXPECT_EQ(y[o], start[o] + largest + static_cast<float>(o)) << IsaName(kernels->isa);
    }
  }
}

TEST_P(Integers, InputsAreRoundedToTheNearestTiesToEven) {
  const std::vector<float> x = {0.5f, 0.75f, 1.0f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 0.49f, 100.5f};
  for (const Kernels* kernels : test::AllKernels()) {
    EXPECT_EQ(Prepared(*kernels, x, 1.0f),
              (std::vector<float>{0, 1, 1, 2, 2, 0, -2, -2, 0, 100}))
        << IsaName(kernels->isa);
  }
}

TEST_P(Integers, SaturateBeyondAGivenScale) {
  const float most = LargestInputOf(), half = most / 2.0f;
  const std::vector<float> x = {most, most + 1.0f, 1e30f, -most, -most - 1.0f, -3e38f, 2.0f};
  for (const Kernels* kernels : test::AllKernels()) {
    EXPECT_EQ(Prepared(*kernels, x, 1.0f),
              (std::vector<float>{most, most, most, -most, -most, -most, 2.0f}))
        << IsaName(kernels->isa);
    EXPECT_EQ(Prepared(*kernels, x, 0.5f),
              (std::vector<float>{half, half, half, -half, -half, -half, 2.0f}))
        << IsaName(kernels->isa);
  }
}

TEST_P(Integers, EqualTheDefinitionWithAGivenScale) {
  for (float scale : {0.001f, 0.0077f, 3.0f}) {
    for (int inputs : {1, 19, 64, 70}) {
      const std::vector<float> kernel = test::Random(Size(inputs * 80), 11);
      const TypedMatrix w(GetParam(), kernel, inputs, 80, scale);
      const std::vector<float> x = test::Random(Size(inputs), 12), start = test::Random(80, 13);
      const test::TypedVector vector(GetParam(), x.data(), inputs, scale);
      for (const Kernels* kernels : test::AllKernels()) {
        const std::vector<float> y = Multiply(*kernels, w, x, start);
        for (int o = 0; o < 80; ++o) {
          EXPECT_EQ(y[Size(o)], w.TimesOfIntegers(vector, o, start[Size(o)]))
              << IsaName(kernels->isa) << ", " << inputs << " inputs";
        }
      }
    }
  }
}

TEST_P(Integers, OfAVectorThatIsNotFiniteAreNoNumbers) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (float input_scale : {0.0f, 0.01f}) {
    for (int inputs : {1, 5, 16, 37}) {
      const TypedMatrix w(GetParam(), test::Random(Size(inputs * 80), 14), inputs, 80, input_scale);
      for (float bad : {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity}) {
        for (int place = 0; place < inputs; ++place) {
          std::vector<float> x = test::Random(Size(inputs), 15);
          x[Size(place)] = bad;
          for (const Kernels* kernels : test::AllKernels()) {
            for (float y : Multiply(*kernels, w, x, std::vector<float>(80))) {
              ASSERT_TRUE(std::isnan(y)) << IsaName(kernels->isa) << ", input " << place << " of "
                                         << inputs << " is " << bad;
            }
          }
        }
      }
    }
  }
}

TEST_P(Integers, AVectorThatIsNotFiniteIsPreparedAsZeros) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr int kMost = 70;
  const TypedMatrix w(GetParam(), test::Random(kMost * 16, 19), kMost, 16);
  for (float input_scale : {0.0f, 0.01f}) {
    for (int inputs : {1, 16, 37, kMost}) {
      for (float bad : {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity}) {
        const std::vector<float> all_bad(Size(inputs), bad);
        std::vector<float> last_bad = test::Random(Size(inputs), 20);
        last_bad.back() = bad;
        for (const std::vector<float>& x : {all_bad, last_bad}) {
          for (const Kernels* kernels : test::AllKernels()) {
            SCOPED_TRACE(IsaName(kernels->isa));
            std::vector<char> prepared(Size(static_cast<int>(OperandBytes(inputs))), 1);
            IntegerVector integers = {1.0f, 1};
            kernels->Of(w.matrix()).prepare(x.data(), inputs, input_scale, prepared.data(),
                                            &integers);
            EXPECT_TRUE(std::isnan(integers.scale));
            EXPECT_EQ(integers.sum, 0);
            const auto end = prepared.begin() + inputs * WeightBytes(GetParam().type);
            EXPECT_EQ(std::count(prepared.begin(), end, 0), end - prepared.begin());
          }
        }
      }
    }
  }
}

TEST_P(Integers, LargestWeightsAndInputsDoNotOverflow) {
  constexpr int kInputs = 4096;
  // Signs of weights and inputs: the largest sum, the smallest, and the largest of what is stored of int8.
  for (float weight : {1.0f, -1.0f}) {
    for (float input : {1.0f, -1.0f}) {
      const TypedMatrix w(GetParam(), std::vector<float>(kInputs * 16, weight), kInputs, 16);
      const std::vector<float> x(kInputs, input), start(16);
      const test::TypedVector vector(GetParam(), x.data(), kInputs, 0.0f);
      for (const Kernels* kernels : test::AllKernels()) {
        const std::vector<float> y = Multiply(*kernels, w, x, start);
        for (int o = 0; o < 16; ++o) {
          EXPECT_EQ(y[Size(o)], w.TimesOfIntegers(vector, o, 0.0f)) << IsaName(kernels->isa);
          EXPECT_NEAR(y[Size(o)], weight * input * kInputs, 0.01f * kInputs);
        }
      }
    }
  }
}

TEST_P(Integers, AreExactWhateverTheMagnitudeOfAVector) {
  for (float magnitude : {0x1p-99f, 1e-20f, 1e10f, 3e38f}) {
    const TypedMatrix w(GetParam(), test::Random(37 * 16, 16, 0.1f), 37, 16);
    const std::vector<float> x = test::Random(37, 17, magnitude), start(16);
    const test::TypedVector vector(GetParam(), x.data(), 37, 0.0f);
    for (const Kernels* kernels : test::AllKernels()) {
      const std::vector<float> y = Multiply(*kernels, w, x, start);
      for (int o = 0; o < 16; ++o) {
        EXPECT_EQ(y[Size(o)], w.TimesOfIntegers(vector, o, 0.0f)) << IsaName(kernels->isa) << ", " << magnitude;
      }
    }
  }
}

TEST_P(Integers, OfNumbersThatAreNothingAreZero) {
  const TypedMatrix w(GetParam(), test::Random(37 * 16, 18), 37, 16);
  for (float nothing : {0.0f, 1e-40f, 0x1p-101f}) {
    const std::vector<float> x(37, nothing), zeros(16);
    for (const Kernels* kernels : test::AllKernels()) {
      EXPECT_EQ(Multiply(*kernels, w, x, zeros), zeros) << IsaName(kernels->isa) << ", " << nothing;
    }
  }
}

}  // namespace
}  // namespace tfopt
