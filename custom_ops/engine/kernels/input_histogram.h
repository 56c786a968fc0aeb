// What is counted of the vectors that a matrix multiplies, to choose the scale of their integers by.
#ifndef TFOPT_ENGINE_KERNELS_INPUT_HISTOGRAM_H_
#define TFOPT_ENGINE_KERNELS_INPUT_HISTOGRAM_H_

#include <cstdint>
#include <deque>
#include <vector>

namespace tfopt {

// How often magnitudes lie in each bin. Bins cut every octave into equal parts, so that they are known before a
// value is, fine for values of any size, and those of several runs can be added up.
class InputHistogram {
 public:
  static constexpr int kBinsPerOctave = 64;
  static constexpr int kLeastExponent = -32;  // the first bin begins at zero, the second above 2^-32
  static constexpr int kOctaves = 48;
  static constexpr int kBins = kBinsPerOctave * kOctaves;  // the last one has no end

  InputHistogram() : counts_(kBins) {}

  void Add(const float* x, int count);

  const std::vector<int64_t>& counts() const { return counts_; }
  // The largest magnitude; 0 of none, NaN if one was.
  float largest() const;

 private:
  std::vector<int64_t> counts_;
  uint32_t largest_ = 0;  // bits, whose order is that of magnitudes, NaN behind infinity
};

// Of each matrix of a model's format. They stay where they are when more are added.
using InputHistograms = std::deque<InputHistogram>;

}  // namespace tfopt

#endif  // TFOPT_ENGINE_KERNELS_INPUT_HISTOGRAM_H_
