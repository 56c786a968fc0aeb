// Audio of one channel as 16-bit PCM, and the header that makes a WAV file of it.
#ifndef TFOPT_PROGRAM_WAV_H_
#define TFOPT_PROGRAM_WAV_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace tfopt {

constexpr size_t kWavHeaderBytes = 44;

// The header of `samples` samples; of audio without a known end, as streams have it, if that is negative or
// more than a WAV file can say.
std::array<uint8_t, kWavHeaderBytes> WavHeader(int sample_rate, int64_t samples);

// Amplitudes in [-1, 1] as little-endian PCM, bit for bit as libsndfile writes float32 with clipping, and so
// as `tfopt generate` does.
void ToPcm(const float* amplitudes, size_t count, int16_t* pcm);

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_WAV_H_
