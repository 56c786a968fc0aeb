#include "engine/sampling/sampler.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace tfopt {
namespace {

// Below this no difference of two logits would leave anything but the largest.
constexpr float kLargestScale = 1e30f;
// A network's log scales are not trusted further up, where the scale would be infinite.
constexpr float kLargestLogScale = 80.0f;
constexpr float kPi = 3.14159265f;

bool AllFinite(const float* x, int n) {
  uint32_t infinite = 0;
  for (int i = 0; i < n; ++i) {
    uint32_t bits;
    std::memcpy(&bits, x + i, sizeof(bits));
    infinite |= static_cast<uint32_t>((bits & 0x7f800000u) == 0x7f800000u);
  }
  return infinite == 0;
}

// The sum of a panel, several additions at a time. (The kernels have one like it, compiled for their levels.)
float SumOfPanel(const float* e) {
  float sums[kPanel / 2];
  for (int i = 0; i < kPanel / 2; ++i) sums[i] = e[i] + e[i + kPanel / 2];
  for (int width = kPanel / 4; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) sums[i] += sums[i + width];
  }
  return sums[0];
}

// The first class whose cumulative weight exceeds u times the sum of all. The cumulative sum runs over
// panels first, so that only one of them is walked class by class.
int DrawClass(const Kernels& kernels, const float* logits, int classes, float temperature, float u,
              float* scratch) {
  if (temperature == 0.0f) return kernels.argmax(logits, classes);
  kernels.exponentials(logits, classes, std::min(1.0f / temperature, kLargestScale), scratch);
  float* const sums = scratch + Padded(classes);
  const int panels = Padded(classes) / kPanel;
  double total = 0.0;
  for (int p = 0; p < panels; ++p) {
    sums[p] = SumOfPanel(scratch + p * kPanel);
    total += static_cast<double>(sums[p]);
  }
  const double target = static_cast<double>(u) * total;
  double before = 0.0;
  int panel = 0;
  while (panel + 1 < panels && before + static_cast<double>(sums[panel]) <= target) {
    before += static_cast<double>(sums[panel++]);
  }
  int last = panel * kPanel;
  for (int i = last; i < std::min(panel * kPanel + kPanel, classes); ++i) {
    before += static_cast<double>(scratch[i]);
    if (before > target) return i;
    if (scratch[i] > 0.0f) last = i;
  }
  return last;  // only where the panel's sum, added in another order, was rounded up
}

float Clip(float x) { return std::min(std::max(x, -1.0f), 1.0f); }

float Scale(float log_scale, float least) {
  return std::exp(std::min(std::max(log_scale, least), kLargestLogScale));
}

}  // namespace

int UniformsPerSample(OutputKind kind) { return kind == OutputKind::kCategorical ? 1 : 2; }

float DrawSample(const Kernels& kernels, const OutputDistribution& output, const float* logits,
                 float temperature, const float* uniforms, float* scratch) {
  if (!AllFinite(logits, output.outputs)) return std::numeric_limits<float>::quiet_NaN();
  const int mixtures = output.mixtures;
  const float least = output.least_log_scale;
  switch (output.kind) {
    case OutputKind::kCategorical:
      return static_cast<float>(
          DrawClass(kernels, logits, output.outputs, temperature, uniforms[0], scratch));
    case OutputKind::kLogisticMixture: {
      const int component = DrawClass(kernels, logits, mixtures, temperature, uniforms[0], scratch);
      const float v = std::min(std::max(uniforms[1], 1e-5f), 1.0f - 1e-5f);
      const float quantile = std::log(v) - std::log(1.0f - v);
      const float mean = logits[mixtures + component];
      return Clip(mean + temperature * Scale(logits[2 * mixtures + component], least) * quantile);
    }
    case OutputKind::kGaussian: {
      const float radius = std::sqrt(-2.0f * std::log(1.0f - uniforms[0]));  // Box and Muller
      const float normal = radius * std::cos(2.0f * kPi * uniforms[1]);
      return Clip(logits[0] + temperature * Scale(logits[1], least) * normal);
    }
  }
  return std::numeric_limits<float>::quiet_NaN();
}

}  // namespace tfopt
