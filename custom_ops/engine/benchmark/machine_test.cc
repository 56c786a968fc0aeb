#include "engine/benchmark/machine.h"

#include <cmath>

#include "engine/testing.h"

namespace tfopt {
namespace {

using test::AllKernels;

TEST(Machine, SumsAndMultiplyAddsAreComputed) {
  AlignedFloats ones(1024);
  for (size_t i = 0; i < ones.size(); ++i) ones[i] = 1.0f;
  for (const Kernels* kernels : AllKernels()) {
    EXPECT_EQ(kernels->sum(ones.data(), 0), 0.0f);
    EXPECT_EQ(kernels->sum(ones.data(), 256), 256.0f);
    EXPECT_EQ(kernels->sum(ones.data(), 1024), 1024.0f);
    // Every lane of every sum goes from 0, 1, ... 7 to s / 2 + 1 / 2: it nears 1. There are eight registers.
    EXPECT_EQ(std::fmod(kernels->multiply_adds(0.5f, 0), 28.0f), 0.0f);
    const float lanes = kernels->multiply_adds(0.5f, 0) / 28.0f;
    EXPECT_EQ(kernels->multiply_adds(0.5f, 100), 8.0f * lanes);
  }
}

TEST(Machine, RatesAreOfThisWorld) {
  for (const Kernels* kernels : AllKernels()) {
    for (size_t bytes : {0, 1, 100000}) {
      const double rate = MeasureBandwidth(*kernels, bytes, 1e-3);
      EXPECT_GT(rate, 1e6) << bytes;
      EXPECT_LT(rate, 1e14) << bytes;
    }
    const double rate = MeasureArithmetic(*kernels, 1e-3);
    EXPECT_GT(rate, 1e6);
    EXPECT_LT(rate, 1e14);
  }
}

}  // namespace
}  // namespace tfopt
