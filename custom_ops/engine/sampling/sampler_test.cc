#include "engine/sampling/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/testing.h"

namespace tfopt {
namespace {

using test::Aligned;
using test::AllKernels;
using test::Random;

float Draw(const Kernels& kernels, OutputKind kind, const std::vector<float>& logits, int mixtures,
           float temperature, std::vector<float> uniforms) {
  const AlignedFloats aligned = Aligned(logits);
  AlignedFloats scratch(static_cast<size_t>(ScratchFloats(static_cast<int>(logits.size()))));
  uniforms.resize(2);
  return DrawSample(kernels, {kind, static_cast<int>(logits.size()), mixtures}, aligned.data(),
                    temperature, uniforms.data(), scratch.data());
}

TEST(DrawSample, CategoricalGivesEachClassItsShare) {
  // Weights 1, 2, 1: the classes end at 1/4, 3/4 and 1.
  const std::vector<float> logits = {0.0f, std::log(2.0f), 0.0f};
  for (const Kernels* k : AllKernels()) {
    const auto draw = [&](float u) {
      return Draw(*k, OutputKind::kCategorical, logits, 0, 1.0f, {u});
    };
    EXPECT_EQ(draw(0.0f), 0.0f);
    EXPECT_EQ(draw(0.24f), 0.0f);
    EXPECT_EQ(draw(0.26f), 1.0f);
    EXPECT_EQ(draw(0.74f), 1.0f);
    EXPECT_EQ(draw(0.76f), 2.0f);
    EXPECT_EQ(draw(1.0f - 0x1p-24f), 2.0f);
  }
}

TEST(DrawSample, TemperatureSharpensAndZeroTakesTheLargest) {
  const std::vector<float> logits = {1.0f, 3.0f, 3.0f, 2.0f};
  for (const Kernels* k : AllKernels()) {
    for (float u : {0.0f, 0.3f, 0.9f}) {
      EXPECT_EQ(Draw(*k, OutputKind::kCategorical, logits, 0, 0.0f, {u}), 1.0f);
    }
    // Of two equal ones a low temperature leaves both, and nothing else.
    EXPECT_EQ(Draw(*k, OutputKind::kCategorical, logits, 0, 1e-3f, {0.49f}), 1.0f);
    EXPECT_EQ(Draw(*k, OutputKind::kCategorical, logits, 0, 1e-3f, {0.51f}), 2.0f);
    EXPECT_EQ(Draw(*k, OutputKind::kCategorical, logits, 0, 1e-42f, {0.0f}), 1.0f);
    // A high one makes all alike.
    EXPECT_EQ(Draw(*k, OutputKind::kCategorical, logits, 0, 1e30f, {0.9f}), 3.0f);
  }
}

TEST(DrawSample, CategoricalIsTheInverseCdfForEveryNumberOfClasses) {
  for (int classes = 1; classes <= 70; ++classes) {
    const std::vector<float> logits = Random(static_cast<size_t>(classes), 3, 4.0f);
    std::vector<double> cdf;
    double sum = 0.0;
    for (float logit : logits) cdf.push_back(sum += std::exp(static_cast<double>(logit) / 0.8));
    for (float u : Random(20, 4)) {
      u = std::fabs(u);
      const double target = static_cast<double>(u) * sum;
      int expected = 0;
      while (cdf[static_cast<size_t>(expected)] <= target) ++expected;
      for (const Kernels* k : AllKernels()) {
        const float given = Draw(*k, OutputKind::kCategorical, logits, 0, 0.8f, {u});
        if (given == static_cast<float>(expected)) continue;
        // The neighbour, where the target is as near to the border as rounding.
        const double border = cdf[static_cast<size_t>(std::min(given, static_cast<float>(expected)))];
        EXPECT_LT(std::fabs(border - target) / sum, 1e-6) << classes << " classes, u " << u;
      }
    }
  }
}

TEST(DrawSample, MixtureTakesOneComponentAndInvertsItsCdf) {
  // Two components, the second twice as likely; means -0.5 and 0.25; scales 0.1 and 0.01.
  const std::vector<float> logits = {0.0f,  std::log(2.0f), -0.5f,
                                     0.25f, std::log(0.1f), std::log(0.01f)};
  const double quantile = std::log(0.75) - std::log(0.25);
  for (const Kernels* k : AllKernels()) {
    const auto draw = [&](float temperature, float u, float v) {
      return Draw(*k, OutputKind::kLogisticMixture, logits, 2, temperature, {u, v});
    };
    EXPECT_NEAR(draw(1.0f, 0.3f, 0.5f), -0.5, 1e-6);
    EXPECT_NEAR(draw(1.0f, 0.3f, 0.75f), -0.5 + 0.1 * quantile, 1e-6);
    EXPECT_NEAR(draw(1.0f, 0.4f, 0.75f), 0.25 + 0.01 * quantile, 1e-6);
    EXPECT_NEAR(draw(0.5f, 0.9f, 0.75f), 0.25 + 0.005 * quantile, 1e-6);
    EXPECT_EQ(draw(0.0f, 0.0f, 0.99f), 0.25f);
    EXPECT_EQ(draw(1.0f, 0.0f, 0.0f), -1.0f);  // far out: clipped
  }
}

TEST(DrawSample, LogScalesAreLimitedBelow) {
  const float quantile = std::log(0.75f) - std::log(0.25f);
  const AlignedFloats logits = Aligned({0.0f, 0.0f, -20.0f}), gaussian = Aligned({0.0f, -20.0f});
  AlignedFloats scratch(static_cast<size_t>(ScratchFloats(3)));
  const float uniforms[] = {0.5f, 0.75f};
  for (const Kernels* k : AllKernels()) {
    for (float least : {-7.0f, -10.0f, -30.0f}) {
      const float scale = std::exp(std::max(least, -20.0f));
      const float drawn = DrawSample(*k, {OutputKind::kLogisticMixture, 3, 1, least}, logits.data(),
                                     1.0f, uniforms, scratch.data());
      EXPECT_NEAR(drawn / scale, quantile, 1e-5) << least;
    }
    EXPECT_NEAR(DrawSample(*k, {OutputKind::kLogisticMixture, 3, 1}, logits.data(), 1.0f, uniforms,
                           scratch.data()) /
                    std::exp(-7.0f),
                quantile, 1e-5);
    const float normal[] = {static_cast<float>(1.0 - std::exp(-0.5)), 0.0f};  // one deviation
    EXPECT_NEAR(DrawSample(*k, {OutputKind::kGaussian, 2, 0, -9.0f}, gaussian.data(), 1.0f, normal,
                           scratch.data()) /
                    std::exp(-9.0f),
                1.0, 1e-5);
  }
}

TEST(DrawSample, GaussianHasItsMeanAndDeviation) {
  const std::vector<float> logits = {0.1f, std::log(0.2f)};
  for (const Kernels* k : AllKernels()) {
    const auto draw = [&](float temperature, float u, float v) {
      return Draw(*k, OutputKind::kGaussian, logits, 0, temperature, {u, v});
    };
    EXPECT_EQ(draw(0.0f, 0.7f, 0.3f), 0.1f);
    // A scale beyond all bounds leaves the mean where it is.
    EXPECT_EQ(Draw(*k, OutputKind::kGaussian, {0.1f, 200.0f}, 0, 0.0f, {0.7f, 0.3f}), 0.1f);
    EXPECT_EQ(std::fabs(Draw(*k, OutputKind::kGaussian, {0.1f, 200.0f}, 0, 1.0f, {0.7f, 0.3f})), 1.0f);
    EXPECT_NEAR(draw(1.0f, 0.0f, 0.0f), 0.1, 1e-6);
    // u = 1 - e^-1/2 is one deviation away, to the side that v says.
    const float u = static_cast<float>(1.0 - std::exp(-0.5));
    EXPECT_NEAR(draw(1.0f, u, 0.0f), 0.3, 1e-6);
    EXPECT_NEAR(draw(1.0f, u, 0.5f), -0.1, 1e-6);
    EXPECT_NEAR(draw(0.5f, u, 0.0f), 0.2, 1e-6);
  }
}

TEST(DrawSample, LogitsThatAreNotFiniteGiveNaN) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const Kernels* k : AllKernels()) {
    for (float bad : {infinity, -infinity, std::numeric_limits<float>::quiet_NaN()}) {
      for (float temperature : {0.0f, 1.0f}) {
        for (size_t place = 0; place < 6; ++place) {
          std::vector<float> logits(6, 0.0f);
          logits[place] = bad;
          EXPECT_TRUE(std::isnan(
              Draw(*k, OutputKind::kCategorical, logits, 0, temperature, {0.5f})));
          EXPECT_TRUE(std::isnan(
              Draw(*k, OutputKind::kLogisticMixture, logits, 2, temperature, {0.5f, 0.5f})));
        }
      }
    }
  }
}

}  // namespace
}  // namespace tfopt
