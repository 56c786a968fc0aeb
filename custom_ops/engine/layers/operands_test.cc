#include "engine/layers/operands.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "engine/kernels/input_histogram.h"
#include "engine/testing.h"

namespace tfopt {
namespace {

using test::AllKernels;

constexpr int kInputs = 37, kColumns = 5;
constexpr ptrdiff_t kStride = 50;  // floats from one vector to the next

constexpr WeightType kTypes[] = {WeightType::kBfloat16, WeightType::kInt16, WeightType::kInt8};

// As much of a matrix as matters to its vectors.
Matrix OfType(WeightType type, float input_scale = 0.0f) {
  Matrix w;
  w.inputs = kInputs;
  w.type = type;
  w.input_scale = input_scale;
  return w;
}

Matrix Sparse(Matrix w) {
  static const uint32_t starts[] = {0};
  w.block_starts = starts;
  return w;
}

struct Vectors {
  Vectors() : floats(test::Random(kColumns * kStride, 1)) {}
  ConstColumns columns() const { return {floats.data(), kStride}; }

  std::vector<float> floats;
};

TEST(Operands, VectorsOfFloatsAreLeftWhereTheyAre) {
  const Vectors x;
  const size_t before = test::Allocations();
  Operands operands(WeightType::kFloat32, kColumns, kInputs);
  EXPECT_EQ(test::Allocations(), before);
  for (const Kernels* kernels : AllKernels()) {
    for (const Matrix& w : {OfType(WeightType::kFloat32), Sparse(OfType(WeightType::kFloat32))}) {
      const Operand operand = operands.Prepare(*kernels, w, x.columns(), kColumns);
      EXPECT_EQ(operand.data, x.floats.data());
      EXPECT_EQ(operand.stride, kStride * 4);
    }
  }
}

// Each vector is what the kernel makes of it alone.
TEST(Operands, VectorsArePreparedOneByOne) {
  const Vectors x;
  for (const Kernels* kernels : AllKernels()) {
    for (WeightType type : kTypes) {
      for (float input_scale : {0.0f, 0.01f}) {
        const Matrix w = OfType(type, type == WeightType::kBfloat16 ? 0.0f : input_scale);
        Operands operands(type, kColumns, kInputs + 20);  // room for wider ones
        const size_t before = test::Allocations();
        const Operand operand = operands.Prepare(*kernels, w, x.columns(), kColumns);
        EXPECT_EQ(test::Allocations(), before);
        for (int c = 0; c < kColumns; ++c) {
          AlignedFloats alone(static_cast<size_t>(OperandBytes(kInputs)) / sizeof(float));
          IntegerVector integers;
          kernels->Of(w).prepare(x.floats.data() + c * kStride, kInputs, w.input_scale,
                                 alone.data(), &integers);
          // As many bytes as there are inputs at least, whatever a level makes of them.
          EXPECT_EQ(std::memcmp(static_cast<const char*>(operand.data) + c * operand.stride,
                                alone.data(), kInputs),
                    0);
          if (IsInteger(type)) {
            EXPECT_EQ(operand.integers[c].scale, integers.scale);
            EXPECT_EQ(operand.integers[c].sum, integers.sum);
          }
        }
      }
    }
  }
}

TEST(Operands, OfTwoMatricesThatWantTheSameVectorsArePreparedOnce) {
  Vectors x;
  for (const Kernels* kernels : AllKernels()) {
    for (WeightType type : kTypes) {
      Operands operands(type, kColumns, kInputs);
      const Matrix w = OfType(type);
      const Operand first = operands.Prepare(*kernels, w, x.columns(), kColumns);
      const std::vector<char> bytes(static_cast<const char*>(first.data),
                                    static_cast<const char*>(first.data) + kInputs);
      x.floats[0] = -x.floats[0];  // would be seen
      const Operand again = operands.PrepareAgain(*kernels, w, x.columns(), kColumns, w, first);
      EXPECT_EQ(again.data, first.data);
      EXPECT_EQ(again.stride, first.stride);
      EXPECT_EQ(std::memcmp(again.data, bytes.data(), bytes.size()), 0);
    }
  }
}

TEST(Operands, VectorsArePreparedAgainForAMatrixThatWantsThemOtherwise) {
  const Vectors x;
  for (const Kernels* kernels : AllKernels()) {
    // Those of sparse matrices of bfloat16 stay floats.
    Operands halves(WeightType::kBfloat16, kColumns, kInputs);
    const Matrix dense = OfType(WeightType::kBfloat16), sparse = Sparse(dense);
    const Operand rounded = halves.Prepare(*kernels, dense, x.columns(), kColumns);
    const Operand floats =
        halves.PrepareAgain(*kernels, sparse, x.columns(), kColumns, dense, rounded);
    EXPECT_EQ(floats.data, x.floats.data());
    EXPECT_NE(halves.PrepareAgain(*kernels, dense, x.columns(), kColumns, sparse, floats).data,
              floats.data);
    for (WeightType type : {WeightType::kInt16, WeightType::kInt8}) {
      Operands integers(type, kColumns, kInputs);
      const Matrix one = OfType(type, 0.5f), other = OfType(type, 0.25f);
      const Operand first = integers.Prepare(*kernels, one, x.columns(), kColumns);
      EXPECT_EQ(first.integers[kColumns - 1].scale, 0.5f);
      const Operand again =
          integers.PrepareAgain(*kernels, other, x.columns(), kColumns, one, first);
      EXPECT_EQ(again.integers[kColumns - 1].scale, 0.25f);
    }
  }
}

// Every matrix that is observed counts for itself what it multiplies.
TEST(Operands, WhatIsPreparedIsCounted) {
  const Vectors x;
  const Kernels& kernels = *AllKernels().back();
  Operands operands;
  InputHistogram one, other;
  Matrix w = OfType(WeightType::kFloat32), too = w;
  w.observer = &one;
  too.observer = &other;
  const Operand first = operands.Prepare(kernels, w, x.columns(), kColumns);
  operands.PrepareAgain(kernels, too, x.columns(), kColumns, w, first);
  for (const InputHistogram* histogram : {&one, &other}) {
    int64_t count = 0;
    for (int64_t bin : histogram->counts()) count += bin;
    EXPECT_EQ(count, kColumns * kInputs);
  }
}

}  // namespace
}  // namespace tfopt
