// Products of bfloat16 on every level that the CPU has: what typed_matmul_test.cc does not say of them.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/kernels/product_testing.h"

namespace tfopt {
namespace {

using test::MatrixKind;
using test::Size;
using test::TypedMatrix;

constexpr MatrixKind kBfloat16 = {WeightType::kBfloat16, false};

// A matrix times a vector, starting from zeros.
std::vector<float> Multiply(const Kernels& kernels, const TypedMatrix& w, const std::vector<float>& x) {
  Operands operands(WeightType::kBfloat16, 1, w.matrix().inputs);
  const Operand operand = operands.Prepare(kernels, w.matrix(), {x.data(), 0}, 1);
  std::vector<float> y(Size(w.matrix().outputs));
  kernels.matmul(w.matrix(), operand, {y.data(), 0}, {y.data(), 0}, 1);
  return y;
}

TEST(Bfloat16, MultipliesByHand) {
  // W[i][o] = i + o: 0 * (0 + o) + 1 * (1 + o) + 2 * (2 + o) = 5 + 3 o.
  std::vector<float> kernel(3 * 16);
  for (int i = 0; i < 3; ++i) {
    for (int o = 0; o < 16; ++o) kernel[Size(i * 16 + o)] = static_cast<float>(i + o);
  }
  const TypedMatrix w(kBfloat16, kernel, 3, 16);
  for (const Kernels* kernels : test::AllKernels()) {
    const std::vector<float> y = Multiply(*kernels, w, {0.0f, 1.0f, 2.0f});
    for (int o = 0; o < 16; ++o) {
      EXPECT_EQ(y[Size(o)], static_cast<float>(5 + 3 * o)) << IsaName(kernels->isa);
    }
  }
}

TEST(Bfloat16, RoundsInputsToTheNearestTiesToEven) {
  // Numbers of 8 significant bits are 2^-7 apart from 1 on.
  const std::vector<float> x = {1.0f,    1.0f + 0x1p-8f,           1.0f + 0x1.01p-8f, 1.0f + 0x3p-8f,
                                3.0e38f, -1.0f - 0x1p-8f,          -1.0f - 0x3p-8f,   0x1.fep-100f,
                                65535.f, 1.0f + 0x1p-7f - 0x1p-23f};
  const std::vector<float> rounded = {1.0f,         1.0f,  1.0f + 0x1p-7f,  1.0f + 0x1p-6f,
                                      0x1.c4p+127f, -1.0f, -1.0f - 0x1p-6f, 0x1.fep-100f,
                                      65536.f,      1.0f + 0x1p-7f};
  std::vector<float> identity(10 * 16);
  for (size_t i = 0; i < 10; ++i) identity[i * 16 + i] = 1.0f;
  const TypedMatrix w(kBfloat16, identity, 10, 16);
  for (const Kernels* kernels : test::AllKernels()) {
    std::vector<float> y = Multiply(*kernels, w, x);
    y.resize(10);
    EXPECT_EQ(y, rounded) << IsaName(kernels->isa);
  }
}

TEST(Bfloat16, NoNumberStaysNoNumber) {
  const TypedMatrix w(kBfloat16, std::vector<float>(37 * 16, 1.0f), 37, 16);
  // Of this one, rounding alone would make an infinity; the sign bit would change with a carry of the other.
  for (uint32_t bits : {0x7f800001u, 0x7fffffffu, 0xff800001u, 0xffffffffu}) {
    for (size_t place = 0; place < 37; ++place) {
      std::vector<float> x(37, 1.0f);
      std::memcpy(&x[place], &bits, sizeof(bits));
      for (const Kernels* kernels : test::AllKernels()) {
        for (float y : Multiply(*kernels, w, x)) {
          ASSERT_TRUE(std::isnan(y)) << IsaName(kernels->isa) << ", " << std::hex << bits;
        }
      }
    }
  }
}

TEST(Bfloat16, AnInfinityStaysOne) {
  const TypedMatrix w(kBfloat16, std::vector<float>(5 * 16, 1.0f), 5, 16);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (float infinity : {kInfinity, -kInfinity}) {
    for (const Kernels* kernels : test::AllKernels()) {
      for (float y : Multiply(*kernels, w, {1.0f, 1.0f, infinity, 1.0f, 1.0f})) {
        EXPECT_EQ(y, infinity) << IsaName(kernels->isa);
      }
    }
  }
}

}  // namespace
}  // namespace tfopt
