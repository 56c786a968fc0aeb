// Random numbers as a function of seed, stream and time alone: those of tfopt/randomness.py.
//
// They come from the counter-based generator Philox 4x64-10 (Salmon et al. 2011, "Parallel random numbers:
// as easy as 1, 2, 3") with the key (seed, stream).
#ifndef TFOPT_ENGINE_SAMPLING_PHILOX_H_
#define TFOPT_ENGINE_SAMPLING_PHILOX_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace tfopt {

// Four numbers for each value of a counter of 256 bits, the lowest 64 bits first.
std::array<uint64_t, 4> Philox4x64(std::array<uint64_t, 4> counter, std::array<uint64_t, 2> key);

// Writes `count` uniform numbers in [0, 1), multiples of 2^-24, beginning with a stream's number `first`. The
// k-th number of sample t is number t * UniformsPerSample + k.
void Uniforms(uint64_t seed, uint64_t stream, uint64_t first, size_t count, float* uniforms);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_SAMPLING_PHILOX_H_
