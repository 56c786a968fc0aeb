#include "engine/benchmark/machine.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "engine/aligned.h"

namespace tfopt {
namespace {

constexpr int kPasses = 15;

// The median over kPasses of how often per second `work(times)` does what it does once, in about `seconds`.
template <class Work>
double MedianRate(double seconds, Work work) {
  using Clock = std::chrono::steady_clock;
  const auto timed = [&](size_t times) {
    const Clock::time_point start = Clock::now();
    work(times);
    return std::max(std::chrono::duration<double>(Clock::now() - start).count(), 1e-9);
  };
  // Long enough for the clock, found by doubling; this also brings the core to its speed.
  size_t times = 1;
  const double pass = seconds / kPasses;
  while (timed(times) < pass / 2 && times < (size_t{1} << 40)) times *= 2;
  std::vector<double> rates;
  for (int i = 0; i < kPasses; ++i) rates.push_back(static_cast<double>(times) / timed(times));
  std::nth_element(rates.begin(), rates.begin() + kPasses / 2, rates.end());
  return rates[kPasses / 2];
}

}  // namespace

double MeasureBandwidth(const Kernels& kernels, size_t bytes, double seconds) {
  const AlignedFloats buffer(std::max<size_t>(1, (bytes + 1023) / 1024) * 256);
  volatile float result = 0.0f;  // so that no pass is left out
  const double rate = MedianRate(seconds, [&](size_t times) {
    for (size_t i = 0; i < times; ++i) result = kernels.sum(buffer.data(), buffer.size());
  });
  return rate * static_cast<double>(buffer.size() * sizeof(float));
}

double MeasureArithmetic(const Kernels& kernels, double seconds) {
  volatile float result = 0.0f;
  const double rate = MedianRate(
      seconds, [&](size_t times) { result = kernels.multiply_adds(0.5f, times); });
  return rate * static_cast<double>(Kernels::kMultiplyAdds);
}

}  // namespace tfopt
