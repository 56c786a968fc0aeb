// Products of dense matrices of float32 on every level that the CPU has: what typed_matmul_test.cc does not say of
// them.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/kernels/product_testing.h"

namespace tfopt {
namespace {

using test::Random;
using test::TypedProduct;

TEST(MatMul, MultipliesByHand) {
  // y = [1, 2, ..., 16] + W [0, 1, 2], W[i][o] = i + o: 0 * (0 + o) + 1 * (1 + o) + 2 * (2 + o) = 5 + 3 o.
  std::vector<float> kernel(3 * 16), start(16);
  for (int i = 0; i < 3; ++i) {
    for (int o = 0; o < 16; ++o) kernel[static_cast<size_t>(i * 16 + o)] = static_cast<float>(i + o);
  }
  for (size_t o = 0; o < 16; ++o) start[o] = static_cast<float>(o + 1);
  AlignedFloats packed(3 * 16);
  PackMatrix(kernel.data(), 16, 3, {1, 16}, packed.data());
  const float x[] = {0.0f, 1.0f, 2.0f};
  for (const Kernels* kernels : test::AllKernels()) {
    AlignedFloats y(16);
    kernels->float_matmul({packed.data(), 3, 16}, {x, 3}, {start.data(), 16}, {y.data(), 16}, 1);
    for (size_t o = 0; o < 16; ++o) {
      EXPECT_EQ(y[o], static_cast<float>(o + 1 + 5 + 3 * o)) << IsaName(kernels->isa);
    }
  }
}

TEST(MatMul, CountsInputsOfOnes) {
  for (const Kernels* kernels : test::AllKernels()) {
    for (int inputs = 1; inputs <= 70; ++inputs) {
      AlignedFloats packed(static_cast<size_t>(inputs) * 80), zeros(80), y(3 * 80);
      std::fill_n(packed.data(), packed.size(), 1.0f);
      const std::vector<float> ones(static_cast<size_t>(inputs), 1.0f);
      kernels->float_matmul({packed.data(), inputs, 80}, {ones.data(), 0}, {zeros.data(), 0},
                      {y.data(), 80}, 3);
      for (size_t i = 0; i < y.size(); ++i) {
        ASSERT_EQ(y[i], static_cast<float>(inputs)) << IsaName(kernels->isa) << " at " << i;
      }
    }
  }
}

TEST(MatMul, LeavesAVectorToTheIdentity) {
  constexpr int kSize = 80;
  std::vector<float> identity(kSize * kSize);
  for (size_t i = 0; i < kSize; ++i) identity[i * kSize + i] = 1.0f;
  AlignedFloats packed(kSize * kSize), zeros(kSize);
  PackMatrix(identity.data(), kSize, kSize, {1, kSize}, packed.data());
  const std::vector<float> x = Random(7 * kSize, 1);
  for (const Kernels* kernels : test::AllKernels()) {
    for (int columns = 1; columns <= 7; ++columns) {
      std::vector<float> y(7 * kSize);
      kernels->float_matmul({packed.data(), kSize, kSize}, {x.data(), kSize}, {zeros.data(), 0},
                      {y.data(), kSize}, columns);
      EXPECT_TRUE(test::SameBits(y.data(), x.data(), static_cast<size_t>(columns) * kSize))
          << IsaName(kernels->isa) << ", " << columns << " columns";
    }
  }
}

TEST(MatMul, LevelsWithFusedMultiplyAddAgreeBitForBit) {
  const Kernels* first = nullptr;
  for (const Kernels* kernels : test::AllKernels()) {
    if (kernels->isa == Isa::kBaseline) continue;  // rounds products, too
    if (first == nullptr) first = kernels;
    for (int columns : {1, 5, 11}) {
      TypedProduct product({WeightType::kFloat32, false}, 70, 208, columns, 8);
      const std::vector<float> a = product.Run(*first, columns), b = product.Run(*kernels, columns);
      EXPECT_TRUE(test::SameBits(b.data(), a.data(), a.size())) << IsaName(kernels->isa);
    }
  }
}

}  // namespace
}  // namespace tfopt
