#include "engine/kernels/input_histogram.h"

#include <algorithm>
#include <cstring>

namespace tfopt {
namespace {

constexpr int kMantissaBits = 23, kExponentBias = 127;
constexpr int kBinBits = 6;  // of the mantissa, that tell a bin of an octave
constexpr int kFirst = (InputHistogram::kLeastExponent + kExponentBias) << kBinBits;

static_assert(1 << kBinBits == InputHistogram::kBinsPerOctave, "an octave has a bin for each");

}  // namespace

void InputHistogram::Add(const float* x, int count) {
  for (int i = 0; i < count; ++i) {
    uint32_t bits = 0;
    std::memcpy(&bits, x + i, sizeof(bits));
    bits &= 0x7fffffffu;
    largest_ = std::max(largest_, bits);
    const int bin = static_cast<int>(bits >> (kMantissaBits - kBinBits)) - kFirst;
    ++counts_[static_cast<size_t>(std::clamp(bin, 0, kBins - 1))];
  }
}

float InputHistogram::largest() const {
  float largest = 0.0f;
  std::memcpy(&largest, &largest_, sizeof(largest));
  return largest;
}

}  // namespace tfopt
