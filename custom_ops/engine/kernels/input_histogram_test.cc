#include "engine/kernels/input_histogram.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "gtest/gtest.h"

namespace tfopt {
namespace {

constexpr int kOne = -InputHistogram::kLeastExponent * InputHistogram::kBinsPerOctave;  // 1.0's bin

int64_t CountIn(const InputHistogram& histogram, int bin) {
  return histogram.counts()[static_cast<size_t>(bin)];
}

TEST(InputHistogram, CountsMagnitudes) {
  InputHistogram histogram;
  const float x[] = {1.0f, -1.0f, 1.0f + 1.0f / 64, 2.0f, -0.5f, 1.999f};
  histogram.Add(x, 6);
  EXPECT_EQ(CountIn(histogram, kOne), 2);
  EXPECT_EQ(CountIn(histogram, kOne + 1), 1);
  EXPECT_EQ(CountIn(histogram, kOne + 63), 1);
  EXPECT_EQ(CountIn(histogram, kOne + 64), 1);
  EXPECT_EQ(CountIn(histogram, kOne - 64), 1);
  EXPECT_EQ(std::accumulate(histogram.counts().begin(), histogram.counts().end(), int64_t{0}), 6);
  EXPECT_EQ(histogram.largest(), 2.0f);
}

TEST(InputHistogram, EveryBinBeginsWhereTheOneBeforeEnds) {
  for (int bin = 1; bin < InputHistogram::kBins; ++bin) {
    const int octave = bin / InputHistogram::kBinsPerOctave;
    const float part = static_cast<float>(bin % InputHistogram::kBinsPerOctave) /
                       InputHistogram::kBinsPerOctave;
    const float begin = std::ldexp(1.0f + part, InputHistogram::kLeastExponent + octave);
    InputHistogram histogram;
    const float x[] = {begin, std::nextafter(begin, 0.0f)};
    histogram.Add(x, 2);
    EXPECT_EQ(CountIn(histogram, bin), 1) << bin;
    EXPECT_EQ(CountIn(histogram, bin - 1), 1) << bin;
  }
}

TEST(InputHistogram, TheOutermostBinsHaveAllThatIsBeyond) {
  InputHistogram histogram;
  const float x[] = {0.0f, -0.0f, 1e-40f, 1e-20f, 1e30f, -std::numeric_limits<float>::max()};
  histogram.Add(x, 6);
  EXPECT_EQ(CountIn(histogram, 0), 4);
  EXPECT_EQ(CountIn(histogram, InputHistogram::kBins - 1), 2);
  EXPECT_EQ(histogram.largest(), std::numeric_limits<float>::max());
}

TEST(InputHistogram, TellsWhatIsNotFinite) {
  InputHistogram histogram;
  EXPECT_EQ(histogram.largest(), 0.0f);
  const float infinity = -std::numeric_limits<float>::infinity();
  histogram.Add(&infinity, 1);
  EXPECT_EQ(histogram.largest(), -infinity);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  histogram.Add(&nan, 1);
  EXPECT_TRUE(std::isnan(histogram.largest()));
}

}  // namespace
}  // namespace tfopt
