// The matrix kernel on every level that the CPU has.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/packing/matrix.h"
#include "engine/testing.h"

namespace tfopt {
namespace {

using test::Random;

constexpr float kUntouched = 12345.0f;

// Two numbers of a column apart lie more than the column's length, so that a kernel that ignores a stride
// or writes too much is noticed.
constexpr int kGap = 5;

struct Product {
  Product(int inputs_, int outputs_, int columns_, uint32_t seed)
      : inputs(inputs_),
        outputs(outputs_),
        columns(columns_),
        kernel(Random(Size(inputs * outputs), seed)),
        x(Random(Size((inputs + kGap) * columns), seed + 1)),
        start(Random(Size((outputs + kGap) * columns), seed + 2)),
        packed(Size(inputs * outputs)) {
    PackMatrix(kernel.data(), outputs, inputs, {1, outputs}, packed.data());
  }

  static size_t Size(int n) { return static_cast<size_t>(n); }

  Matrix Packed() const { return {packed.data(), inputs, outputs}; }
  ConstColumns X() const { return {x.data(), inputs + kGap}; }
  ConstColumns Start() const { return {start.data(), outputs + kGap}; }

  // Columns of the result, `outputs + kGap` apart.
  std::vector<float> Run(const Kernels& kernels, int count) const {
    std::vector<float> y(start.size(), kUntouched);
    kernels.float_matmul(Packed(), X(), Start(), {y.data(), outputs + kGap}, count);
    return y;
  }

  // The scalar reference. `magnitude` becomes the largest sum of absolute values behind an output.
  std::vector<double> Expected(double* magnitude) const {
    std::vector<double> y(start.size(), kUntouched);
    *magnitude = 0.0;
    for (int c = 0; c < columns; ++c) {
      for (int o = 0; o < outputs; ++o) {
        double sum = start[Size(c * (outputs + kGap) + o)], absolute = std::abs(sum);
        for (int i = 0; i < inputs; ++i) {
          const double term = double{kernel[Size(i * outputs + o)]} * x[Size(c * (inputs + kGap) + i)];
          sum += term;
          absolute += std::abs(term);
        }
        y[Size(c * (outputs + kGap) + o)] = sum;
        *magnitude = std::max(*magnitude, absolute);
      }
    }
    return y;
  }

  int inputs, outputs, columns;
  std::vector<float> kernel, x, start;
  AlignedFloats packed;
};

// Every product is rounded once and every sum once, each by at most 2^-24 of the sum of absolute values.
double Tolerance(int inputs, double magnitude) { return (inputs + 1) * 0x1p-23 * magnitude; }

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

// Every remainder of inputs, outputs and columns; and whatever the number of columns, the same bits.
TEST(MatMul, EqualsTheReferenceForEverySize) {
  constexpr int kMost = 20;
  for (int outputs = 16; outputs <= 208; outputs += 16) {
    for (int inputs = 1; inputs <= 70; ++inputs) {
      const Product product(inputs, outputs, kMost, static_cast<uint32_t>(inputs * 1000 + outputs));
      double magnitude = 0.0;
      const std::vector<double> expected = product.Expected(&magnitude);
      for (const Kernels* kernels : test::AllKernels()) {
        SCOPED_TRACE(testing::Message() << IsaName(kernels->isa) << ", " << inputs << " inputs, "
                                        << outputs << " outputs");
        const std::vector<float> all = product.Run(*kernels, kMost);
        ASSERT_TRUE(test::Close(all.data(), expected.data(), all.size(), Tolerance(inputs, magnitude)));
        for (int columns = 1; columns < kMost; ++columns) {
          const std::vector<float> some = product.Run(*kernels, columns);
          const size_t written = Product::Size(columns * (outputs + kGap));
          ASSERT_TRUE(test::SameBits(some.data(), all.data(), written)) << columns << " columns";
          ASSERT_EQ(some[written], kUntouched) << columns << " columns";
        }
      }
    }
  }
}

TEST(MatMul, MayStartFromItsResult) {
  for (int columns : {1, 2, 6, 7, 13}) {
    const Product product(33, 112, columns, 5);
    for (const Kernels* kernels : test::AllKernels()) {
      const std::vector<float> expected = product.Run(*kernels, columns);
      std::vector<float> y = product.start;
      const Columns ys = {y.data(), product.outputs + kGap};
      kernels->float_matmul(product.Packed(), product.X(), {ys.data, ys.stride}, ys, columns);
      for (int c = 0; c < columns; ++c) {
        const size_t column = Product::Size(c * (product.outputs + kGap));
        EXPECT_TRUE(test::SameBits(&y[column], &expected[column], 112))
            << IsaName(kernels->isa) << ", column " << c << " of " << columns;
      }
    }
  }
}

TEST(MatMul, MayStartEveryColumnFromOneVector) {
  const Product product(33, 112, 13, 6);
  for (const Kernels* kernels : test::AllKernels()) {
    std::vector<float> together(13 * 112), alone(112);
    kernels->float_matmul(product.Packed(), product.X(), {product.start.data(), 0}, {together.data(), 112},
                    13);
    for (int c = 0; c < 13; ++c) {
      kernels->float_matmul(product.Packed(), {product.X().data + c * product.X().stride, 0},
                      {product.start.data(), 0}, {alone.data(), 0}, 1);
      EXPECT_TRUE(test::SameBits(&together[Product::Size(c * 112)], alone.data(), 112))
          << IsaName(kernels->isa) << ", column " << c;
    }
  }
}

TEST(MatMul, TilesAreMatricesOfTheirOwn) {
  const Product product(33, 208, 3, 7);
  for (const Kernels* kernels : test::AllKernels()) {
    const std::vector<float> whole = product.Run(*kernels, 3);
    for (int tile = 0; tile < 208; tile += kTile) {
      const int width = std::min(kTile, 208 - tile);
      std::vector<float> part(whole.size(), kUntouched);
      kernels->float_matmul({product.packed.data() + tile * 33, 33, width}, product.X(),
                      {product.start.data() + tile, 208 + kGap}, {part.data() + tile, 208 + kGap}, 3);
      for (int c = 0; c < 3; ++c) {
        const size_t place = Product::Size(c * (208 + kGap) + tile);
        EXPECT_TRUE(test::SameBits(&part[place], &whole[place], Product::Size(width)))
            << IsaName(kernels->isa) << ", tile at " << tile;
      }
    }
  }
}

TEST(MatMul, LevelsWithFusedMultiplyAddAgreeBitForBit) {
  const Kernels* first = nullptr;
  for (const Kernels* kernels : test::AllKernels()) {
    if (kernels->isa == Isa::kBaseline) continue;  // rounds products, too
    if (first == nullptr) first = kernels;
    for (int columns : {1, 5, 11}) {
      const Product product(70, 208, columns, 8);
      const std::vector<float> a = product.Run(*first, columns), b = product.Run(*kernels, columns);
      EXPECT_TRUE(test::SameBits(b.data(), a.data(), a.size())) << IsaName(kernels->isa);
    }
  }
}

TEST(MatMul, WithoutInputsIsItsStart) {
  const std::vector<float> start = Random(3 * 80, 9);
  for (const Kernels* kernels : test::AllKernels()) {
    for (int columns = 1; columns <= 3; ++columns) {
      std::vector<float> y(start.size());
      kernels->float_matmul({nullptr, 0, 80}, {nullptr, 0}, {start.data(), 80}, {y.data(), 80}, columns);
      EXPECT_TRUE(test::SameBits(y.data(), start.data(), static_cast<size_t>(columns) * 80))
          << IsaName(kernels->isa);
    }
  }
}

}  // namespace
}  // namespace tfopt
