// Products of block-sparse matrices on every level that the CPU has: what typed_matmul_test.cc does not say of them.
#include <gtest/gtest.h>

#include "engine/kernels/product_testing.h"

namespace tfopt {
namespace {

using test::MatrixKind;
using test::Size;
using test::TypedMatrix;
using test::TypedProduct;

class Sparse : public testing::TestWithParam<WeightType> {
 protected:
  static MatrixKind Kind() { return {GetParam(), true}; }
};

INSTANTIATE_TEST_SUITE_P(Types, Sparse,
                         testing::Values(WeightType::kFloat32, WeightType::kBfloat16,
                                         WeightType::kInt8),
                         [](const auto& type) {
                           return testing::PrintToString(MatrixKind{type.param, true});
                         });

TEST_P(Sparse, MultipliesByHand) {
  // Of 32 outputs and 9 inputs, input 1 is for the first 16 outputs and input 7 for the others: y = 2 and y = 127.
  std::vector<float> kernel(9 * 32), start(32);
  std::fill_n(&kernel[1 * 32], 16, 127.0f);
  std::fill_n(&kernel[7 * 32 + 16], 16, 127.0f);
  const TypedMatrix w(Kind(), kernel, 9, 32);
  const std::vector<float> x = {5.0f, 2.0f, 5.0f, 5.0f, 5.0f, 5.0f, 5.0f, 127.0f, 5.0f};
  for (const Kernels* kernels : test::AllKernels()) {
    Operands operands(GetParam(), 1, 9);
    std::vector<float> y(32);
    kernels->matmul(w.matrix(), operands.Prepare(*kernels, w.matrix(), {x.data(), 0}, 1),
                    {start.data(), 0}, {y.data(), 0}, 1);
    for (size_t o = 0; o < 32; ++o) {
      EXPECT_EQ(y[o], (o < 16 ? 2.0f : 127.0f) * 127.0f) << IsaName(kernels->isa) << " at " << o;
    }
  }
}

TEST_P(Sparse, WithoutABlockIsItsStart) {
  TypedProduct product(Kind(), 37, 208, 3, 1, 0.0f);
  ASSERT_EQ(BytesOf(product.w.matrix()), 0u);
  for (const Kernels* kernels : test::AllKernels()) {
    const std::vector<float> y = product.Run(*kernels, 3);
    for (int c = 0; c < 3; ++c) {
      const size_t column = Size(c * (208 + TypedProduct::kGap));
      EXPECT_TRUE(test::SameBits(&y[column], &product.start[column], 208)) << IsaName(kernels->isa);
    }
  }
}

TEST_P(Sparse, WithAllBlocksEqualsTheDefinition) {
  for (int inputs : {1, 2, 3, 4, 5, 16, 35, 70}) {
    TypedProduct product(Kind(), inputs, 208, 3, 2, 1.0f);
    double tolerance = 0.0;
    const std::vector<double> expected = product.Expected(&tolerance);
    for (const Kernels* kernels : test::AllKernels()) {
      std::vector<float> y = product.Run(*kernels, 3);
      EXPECT_TRUE(test::Close(y.data(), expected.data(), y.size(), tolerance))
          << IsaName(kernels->isa) << ", " << inputs << " inputs";
    }
  }
}

}  // namespace
}  // namespace tfopt
