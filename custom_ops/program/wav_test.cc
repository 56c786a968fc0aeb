#include "program/wav.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

namespace tfopt {
namespace {

std::vector<int16_t> Pcm(const std::vector<float>& amplitudes) {
  std::vector<int16_t> pcm(amplitudes.size());
  ToPcm(amplitudes.data(), amplitudes.size(), pcm.data());
  return pcm;
}

TEST(Wav, AmplitudesAreRoundedDownAndClipped) {
  EXPECT_EQ(Pcm({0.0f, -0.0f, 0.5f, -0.5f, 1.0f, -1.0f, 2.0f, -2.0f}),
            (std::vector<int16_t>{0, 0, 16384, -16384, 32767, -32768, 32767, -32768}));
  constexpr float kStep = 0x1p-15f;
  EXPECT_EQ(Pcm({0.99f * kStep, kStep, -0.01f * kStep, -kStep, -1.01f * kStep}),
            (std::vector<int16_t>{0, 1, -1, -1, -2}));
  // What rounds to zero in 32 bits is not below zero.
  EXPECT_EQ(Pcm({-0x1p-33f, -0x1p-32f, -0x1.8p-32f}), (std::vector<int16_t>{0, 0, -1}));
  EXPECT_EQ(Pcm({std::nextafter(1.0f, 0.0f), std::nextafter(-1.0f, 0.0f)}),
            (std::vector<int16_t>{32767, -32768}));
}

TEST(Wav, TheHeaderSaysRateAndSizes) {
  const uint8_t expected[kWavHeaderBytes] = {
      'R', 'I', 'F', 'F', 36 + 200, 0, 0, 0, 'W', 'A', 'V', 'E', 'f', 'm', 't', ' ', 16, 0, 0, 0,
      1, 0, 1, 0, 0xC0, 0x5D, 0, 0, 0x80, 0xBB, 0, 0, 2, 0, 16, 0, 'd', 'a', 't', 'a', 200, 0, 0, 0};
  const auto header = WavHeader(24000, 100);
  EXPECT_EQ(std::memcmp(header.data(), expected, sizeof(expected)), 0);
}

TEST(Wav, AStreamHasNoKnownEnd) {
  const auto sizes = [](int64_t samples) {
    const auto header = WavHeader(8000, samples);
    uint32_t riff = 0, data = 0;
    std::memcpy(&riff, header.data() + 4, 4);
    std::memcpy(&data, header.data() + 40, 4);
    return std::make_pair(riff, data);
  };
  const auto unknown = std::make_pair(0xFFFFFFFFu, 0xFFFFFFFFu);
  EXPECT_EQ(sizes(-1), unknown);
  EXPECT_EQ(sizes(0), std::make_pair(36u, 0u));
  EXPECT_EQ(sizes(2147483625), std::make_pair(0xFFFFFFF6u, 0xFFFFFFD2u));
  EXPECT_EQ(sizes(int64_t{1} << 31), unknown);
  EXPECT_EQ(sizes(int64_t{1} << 62), unknown);
}

}  // namespace
}  // namespace tfopt
