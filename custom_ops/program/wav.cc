#include "program/wav.h"

#include <cmath>
#include <cstring>

namespace tfopt {
namespace {

constexpr uint32_t kUnknown = 0xFFFFFFFF;
constexpr uint32_t kBytesPerSample = 2;
constexpr int64_t kMostSamples = (kUnknown - kWavHeaderBytes) / kBytesPerSample;

uint8_t* Put(const char* text, uint8_t* at) {
  std::memcpy(at, text, 4);
  return at + 4;
}

template <class T>
uint8_t* Put(T value, uint8_t* at) {
  std::memcpy(at, &value, sizeof(value));
  return at + sizeof(value);
}

}  // namespace

std::array<uint8_t, kWavHeaderBytes> WavHeader(int sample_rate, int64_t samples) {
  const bool known = samples >= 0 && samples <= kMostSamples;
  const uint32_t data = known ? static_cast<uint32_t>(samples) * kBytesPerSample : kUnknown;
  const auto rate = static_cast<uint32_t>(sample_rate);
  std::array<uint8_t, kWavHeaderBytes> header;
  uint8_t* at = header.data();
  at = Put("RIFF", at);
  at = Put(known ? data + uint32_t{kWavHeaderBytes} - 8 : kUnknown, at);
  at = Put("WAVE", at);
  at = Put("fmt ", at);
  at = Put(uint32_t{16}, at);  // bytes of what follows
  at = Put(uint16_t{1}, at);   // PCM
  at = Put(uint16_t{1}, at);   // channels
  at = Put(rate, at);
  at = Put(rate * kBytesPerSample, at);
  at = Put(uint16_t{kBytesPerSample}, at);
  at = Put(uint16_t{8 * kBytesPerSample}, at);
  at = Put("data", at);
  Put(data, at);
  return header;
}

// libsndfile rounds to 32 bits and keeps the upper half of them.
void ToPcm(const float* amplitudes, size_t count, int16_t* pcm) {
  for (size_t i = 0; i < count; ++i) {
    const float scaled = amplitudes[i] * 0x1p31f;
    if (scaled >= 0x1p31f) {
      pcm[i] = INT16_MAX;
    } else if (scaled <= -0x1p31f) {
      pcm[i] = INT16_MIN;
    } else {
      pcm[i] = static_cast<int16_t>(std::lrint(scaled) >> 16);
    }
  }
}

}  // namespace tfopt
