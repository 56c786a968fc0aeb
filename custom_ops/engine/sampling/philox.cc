#include "engine/sampling/philox.h"

namespace tfopt {
namespace {

constexpr int kRounds = 10;
constexpr uint64_t kMultipliers[2] = {0xD2E7470EE14C6C93, 0xCA5A826395121157};
constexpr uint64_t kKeySteps[2] = {0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B};  // golden ratio, sqrt(3) - 1
constexpr uint64_t kPerCounter = 4;

__extension__ typedef unsigned __int128 Uint128;

}  // namespace

std::array<uint64_t, 4> Philox4x64(std::array<uint64_t, 4> c, std::array<uint64_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    const Uint128 product0 = Uint128{kMultipliers[0]} * c[0];
    const Uint128 product1 = Uint128{kMultipliers[1]} * c[2];
    c = {static_cast<uint64_t>(product1 >> 64) ^ c[1] ^ key[0], static_cast<uint64_t>(product1),
         static_cast<uint64_t>(product0 >> 64) ^ c[3] ^ key[1], static_cast<uint64_t>(product0)};
    key = {key[0] + kKeySteps[0], key[1] + kKeySteps[1]};
  }
  return c;
}

void Uniforms(uint64_t seed, uint64_t stream, uint64_t first, size_t count, float* uniforms) {
  size_t written = 0;
  while (written < count) {
    const uint64_t number = first + written;
    // NumPy counts up before it computes, so that the first four numbers belong to the counter 1.
    const auto block = Philox4x64({number / kPerCounter + 1, 0, 0, 0}, {seed, stream});
    for (uint64_t i = number % kPerCounter; i < kPerCounter && written < count; ++i) {
      uniforms[written++] = static_cast<float>(block[i] >> 40) * 0x1p-24f;
    }
  }
}

}  // namespace tfopt
