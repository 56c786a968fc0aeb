// Numbers of a problem in a library's types, and what becomes of sums of integers.
#ifndef TFOPT_BENCHMARKS_KERNELS_TYPES_H_
#define TFOPT_BENCHMARKS_KERNELS_TYPES_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "problem.h"

namespace benchmarks {

// What all of a problem's weights and inputs are exactly.
inline uint16_t Bfloat16(float number) {
  uint32_t bits = 0;
  std::memcpy(&bits, &number, sizeof(bits));
  return static_cast<uint16_t>(bits >> 16);
}
inline int8_t Int8(float number) { return static_cast<int8_t>(number); }
// 128 more: see Problem::Corrections.
inline uint8_t Uint8(float number) { return static_cast<uint8_t>(number + 128.0f); }

template <class To>
void Convert(const std::vector<float>& from, To (*convert)(float), To* to) {
  for (float number : from) *to++ = convert(number);
}

// Sums of integers as floats: what tfopt's kernels and oneDNN's do in the product, and others leave to the caller.
class Scaling {
 public:
  // `corrected`: the sums have the problem's corrections already.
  Scaling(const Problem& p, bool corrected)
      : corrections_(p.Corrections()), scales_(corrections_.size(), 1.0f), y_(scales_.size()) {
    if (corrected) std::fill(corrections_.begin(), corrections_.end(), 0);
  }

  void Run(const int32_t* sums) {
    for (size_t i = 0; i < y_.size(); ++i) {
      y_[i] = static_cast<float>(sums[i] + corrections_[i]) * scales_[i];
    }
  }

  const std::vector<float>& Result() const { return y_; }

 private:
  std::vector<int32_t> corrections_;
  std::vector<float> scales_, y_;
};

}  // namespace benchmarks

#endif  // TFOPT_BENCHMARKS_KERNELS_TYPES_H_
