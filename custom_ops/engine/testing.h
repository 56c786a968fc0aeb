// What the engine's tests share: random values, comparing results, counting allocations.
#ifndef TFOPT_ENGINE_TESTING_H_
#define TFOPT_ENGINE_TESTING_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "engine/aligned.h"
#include "engine/isa.h"
#include "engine/kernels/kernels.h"

namespace tfopt::test {

// The level that must be the best one of this CPU, or null: whoever runs the tests on an emulated CPU says so.
inline const char* ExpectedIsa() { return std::getenv("TFOPT_EXPECTED_ISA"); }

// The kernels of every level that this CPU has. Of the best one alone where tests are slow: on an emulated CPU, as
// other levels have CPUs of their own, and under ThreadSanitizer, as no level shares its work otherwise.
inline std::vector<const Kernels*> AllKernels() {
#if defined(__SANITIZE_THREAD__)
  constexpr bool kRaces = true;
#else
  constexpr bool kRaces = false;
#endif
  if (kRaces || ExpectedIsa() != nullptr) return {&KernelsOf(SupportedIsas().back())};
  std::vector<const Kernels*> all;
  for (Isa isa : SupportedIsas()) all.push_back(&KernelsOf(isa));
  return all;
}

// Numbers between -scale and scale, the same for a seed everywhere.
inline std::vector<float> Random(size_t n, uint32_t seed, float scale = 1.0f) {
  std::mt19937 generator(seed);  // whose numbers the standard fixes, unlike those of distributions
  std::vector<float> values(n);
  for (float& value : values) {
    value = scale * (static_cast<float>(generator() >> 8) * 0x1p-23f - 1.0f);
  }
  return values;
}

// `vector`, in memory as kernels want it: aligned, and followed by zeros up to a multiple of 16.
inline AlignedFloats Aligned(const std::vector<float>& vector) {
  AlignedFloats aligned(RoundUp(vector.size(), kPanel));
  std::copy(vector.begin(), vector.end(), aligned.data());
  return aligned;
}

// Whether all of n values are as near to those expected as `tolerance`. If not, says which differs most and
// prints the first values of both.
inline ::testing::AssertionResult Close(const float* given, const double* expected, size_t n,
                                        double tolerance) {
  size_t worst = 0;
  double largest = 0.0;
  for (size_t i = 0; i < n; ++i) {
    const double difference = std::abs(given[i] - expected[i]);
    if (difference <= largest) continue;  // a NaN goes on
    worst = i;
    largest = difference;
    if (std::isnan(difference)) break;
  }
  if (largest <= tolerance) return ::testing::AssertionSuccess();
  auto failure = ::testing::AssertionFailure();
  failure << "largest difference " << largest << " (allowed " << tolerance << ") at " << worst
          << ": expected " << expected[worst] << ", got " << given[worst] << "\nfirst values";
  for (size_t i = 0; i < std::min<size_t>(n, 8); ++i) {
    failure << "\n  expected " << expected[i] << ", got " << given[i];
  }
  return failure;
}

// Whether n values are the same, bit for bit.
inline ::testing::AssertionResult SameBits(const float* given, const float* expected, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    if (std::memcmp(&given[i], &expected[i], sizeof(float)) != 0) {
      return ::testing::AssertionFailure() << "at " << i << " of " << n << ": expected "
                                           << std::hexfloat << expected[i] << ", got " << given[i];
    }
  }
  return ::testing::AssertionSuccess();
}

// How often this process has asked for memory so far, with malloc, new or anything else; see
// allocations_test.cc.
size_t Allocations();

}  // namespace tfopt::test

#endif  // TFOPT_ENGINE_TESTING_H_
