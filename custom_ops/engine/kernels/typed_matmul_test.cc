// What products of matrices of all types have in common, on every level that the CPU has. matmul_test.cc says more of
// dense float32, sparse_test.cc of block-sparse matrices.
//
// Integers equal their definition to the last bit, and hence are the same on every level.
#include <gtest/gtest.h>

#include <cstring>

#include "engine/kernels/product_testing.h"
#include "engine/share.h"

namespace tfopt {
namespace {

using test::MatrixKind;
using test::Size;
using test::TypedMatrix;
using test::TypedProduct;

constexpr int kGap = TypedProduct::kGap;

class TypedMatMul : public testing::TestWithParam<MatrixKind> {};

INSTANTIATE_TEST_SUITE_P(Kinds, TypedMatMul,
                         testing::Values(MatrixKind{WeightType::kFloat32, false},
                                         MatrixKind{WeightType::kBfloat16, false},
                                         MatrixKind{WeightType::kInt16, false},
                                         MatrixKind{WeightType::kInt8, false},
                                         MatrixKind{WeightType::kFloat32, true},
                                         MatrixKind{WeightType::kBfloat16, true},
                                         MatrixKind{WeightType::kInt8, true}),
                         testing::PrintToStringParamName());

// Every remainder of inputs and columns, and every width of a tile, alone and behind whole ones; and whatever the
// number of columns, the same bits.
TEST_P(TypedMatMul, EqualsTheDefinitionForEverySize) {
  constexpr int kMost = 14;  // more than two of the largest blocks
  for (int outputs : {16, 32, 48, 64, 80, 208}) {
    for (int inputs = 1; inputs <= 70; inputs += inputs < 35 ? 1 : 5) {
      TypedProduct product(GetParam(), inputs, outputs, kMost,
                           static_cast<uint32_t>(inputs * 1000 + outputs));
      double tolerance = 0.0;
      const std::vector<double> expected = product.Expected(&tolerance);
      const int columns = 1 + (inputs + outputs / 16) % (kMost - 1);
      for (const Kernels* kernels : test::AllKernels()) {
        SCOPED_TRACE(testing::Message() << IsaName(kernels->isa) << ", " << inputs << " inputs, "
                                        << outputs << " outputs");
        const std::vector<float> all = product.Run(*kernels, kMost);
        ASSERT_TRUE(test::Close(all.data(), expected.data(), all.size(), tolerance));
        for (int count : {1, columns}) {
          const std::vector<float> some = product.Run(*kernels, count);
          const size_t written = Size(count * (outputs + kGap));
          ASSERT_TRUE(test::SameBits(some.data(), all.data(), written)) << count << " columns";
          ASSERT_EQ(some[written], test::kUntouched) << count << " columns";
        }
      }
    }
  }
}

TEST_P(TypedMatMul, NumberOfColumnsChangesNoBit) {
  constexpr int kMost = 20;
  TypedProduct product(GetParam(), 67, 208, kMost, 4);
  for (const Kernels* kernels : test::AllKernels()) {
    const std::vector<float> all = product.Run(*kernels, kMost);
    for (int columns = 1; columns < kMost; ++columns) {
      const std::vector<float> some = product.Run(*kernels, columns);
      EXPECT_TRUE(test::SameBits(some.data(), all.data(), Size(columns * (208 + kGap))))
          << IsaName(kernels->isa) << ", " << columns << " columns";
    }
  }
}

TEST_P(TypedMatMul, MayStartFromItsResult) {
  for (int columns : {1, 2, 6, 7, 13}) {
    TypedProduct product(GetParam(), 33, 112, columns, 5);
    for (const Kernels* kernels : test::AllKernels()) {
      const std::vector<float> expected = product.Run(*kernels, columns);
      std::vector<float> y = product.start;
      const Columns ys = {y.data(), 112 + kGap};
      kernels->matmul(product.w.matrix(), product.X(*kernels, columns), {ys.data, ys.stride}, ys,
                      columns);
      for (int c = 0; c < columns; ++c) {
        const size_t column = Size(c * (112 + kGap));
        EXPECT_TRUE(test::SameBits(&y[column], &expected[column], 112))
            << IsaName(kernels->isa) << ", column " << c << " of " << columns;
      }
    }
  }
}

TEST_P(TypedMatMul, MayStartEveryColumnFromOneVector) {
  constexpr int kColumns = 13;
  TypedProduct product(GetParam(), 33, 112, kColumns, 6);
  for (int c = 1; c < kColumns; ++c) {
    std::copy_n(product.start.begin(), 112, &product.start[Size(c * (112 + kGap))]);
  }
  for (const Kernels* kernels : test::AllKernels()) {
    const std::vector<float> expected = product.Run(*kernels, kColumns);
    std::vector<float> y(expected.size(), test::kUntouched);
    kernels->matmul(product.w.matrix(), product.X(*kernels, kColumns), {product.start.data(), 0},
                    {y.data(), 112 + kGap}, kColumns);
    EXPECT_TRUE(test::SameBits(y.data(), expected.data(), y.size())) << IsaName(kernels->isa);
  }
}

TEST_P(TypedMatMul, SharesAreMatricesOfTheirOwn) {
  TypedProduct product(GetParam(), 33, 208, 3, 7);
  for (const Kernels* kernels : test::AllKernels()) {
    const std::vector<float> whole = product.Run(*kernels, 3);
    for (int first = 0; first < 4; ++first) {
      for (int last = first; last <= 4; ++last) {
        const Share share = ShareOfTiles(208, first, last);
        std::vector<float> expected(whole.size(), test::kUntouched), y = expected;
        for (int c = 0; c < 3; ++c) {
          const size_t place = Size(c * (208 + kGap) + share.first);
          std::copy_n(&whole[place], share.count, &expected[place]);
        }
        kernels->matmul(share.Of(product.w.matrix()), product.X(*kernels, 3),
                        {product.start.data() + share.first, 208 + kGap},
                        {y.data() + share.first, 208 + kGap}, 3);
        EXPECT_TRUE(test::SameBits(y.data(), expected.data(), y.size()))
            << IsaName(kernels->isa) << ", tiles from " << first << " to " << last;
      }
    }
  }
}

TEST_P(TypedMatMul, WithoutInputsIsItsStart) {
  TypedProduct product(GetParam(), 0, 80, 3, 8);
  for (const Kernels* kernels : test::AllKernels()) {
    const std::vector<float> y = product.Run(*kernels, 3);
    for (int c = 0; c < 3; ++c) {
      const size_t column = Size(c * (80 + kGap));
      EXPECT_TRUE(test::SameBits(&y[column], &product.start[column], 80)) << IsaName(kernels->isa);
    }
  }
}

TEST_P(TypedMatMul, OfZerosIsItsStart) {
  TypedProduct product(GetParam(), 33, 80, 2, 9);
  std::fill_n(product.x.begin(), 33, 0.0f);
  for (const Kernels* kernels : test::AllKernels()) {
    const std::vector<float> y = product.Run(*kernels, 2);
    EXPECT_TRUE(test::SameBits(y.data(), product.start.data(), 80)) << IsaName(kernels->isa);
  }
}

// What is behind a vector is not read, which sanitizers see, and behind its room nothing is written.
TEST_P(TypedMatMul, PreparesWithinItsRoom) {
  constexpr char kGuard = 0x55;
  for (const Kernels* kernels : test::AllKernels()) {
    for (int inputs = 1; inputs <= 70; ++inputs) {
      const TypedMatrix w(GetParam(), std::vector<float>(Size(inputs * 16), 1.0f), inputs, 16);
      const MatrixKernels& of = kernels->Of(w.matrix());
      if (of.prepare == nullptr) continue;
      const std::vector<float> x(Size(inputs), 1.0f);
      const auto room = static_cast<size_t>(OperandBytes(inputs));
      AlignedFloats prepared(room / sizeof(float) + 16);
      char* const bytes = reinterpret_cast<char*>(prepared.data());
      std::memset(bytes + room, kGuard, 64);
      IntegerVector integers;
      of.prepare(x.data(), inputs, 0.0f, bytes, &integers);
      for (size_t i = 0; i < 64; ++i) {
        ASSERT_EQ(bytes[room + i], kGuard) << IsaName(kernels->isa) << ", " << inputs << " inputs";
      }
    }
  }
}

}  // namespace
}  // namespace tfopt
