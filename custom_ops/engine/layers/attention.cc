#include "engine/layers/attention.h"

#include <cmath>

namespace tfopt {
namespace {

// Exponentials are held at |q| = 43, and tanh(43 - 33) is 1 in float32.
constexpr float kLargestKey = 33.0f;

// e^2k e^2q = e^(k + q) e^(k + q), in which nothing that tanh sees is held in bounds.
float ScoreOfLarge(const Kernels& kernels, const float* key, const float* query, const float* score,
                   int width, float* scratch) {
  for (int i = 0; i < width; ++i) scratch[i] = 0.5f * (key[i] + query[i]);
  kernels.exponentials_of_twice(scratch, width, scratch);
  return kernels.attention_score(scratch, scratch, score, width);
}

}  // namespace

bool PrepareKeys(const Kernels& kernels, float* keys, ptrdiff_t stride, int length, int width) {
  int large = 0;  // no bool, so that many are compared at a time
  for (int t = 0; t < length; ++t) {
    for (int i = 0; i < width; ++i) large |= std::fabs(keys[t * stride + i]) > kLargestKey;
  }
  if (large != 0) return true;
  for (int t = 0; t < length; ++t) {
    kernels.exponentials_of_twice(keys + t * stride, width, keys + t * stride);
  }
  return false;
}

void Attend(const Kernels& kernels, const AttentionMemory& memory, float* query, const float* score,
            int width, float* scratch, float* y) {
  float* scores = scratch + width;
  if (!memory.large_keys) kernels.exponentials_of_twice(query, width, query);
  for (int t = 0; t < memory.length; ++t) {
    const float* key = memory.keys + t * memory.stride;
    scores[t] = memory.large_keys ? ScoreOfLarge(kernels, key, query, score, width, scratch)
                                  : kernels.attention_score(key, query, score, width);
  }
  const float sum = kernels.exponentials(scores, memory.length, 1.0f, scores);
  for (int t = 0; t < memory.length; ++t) {
    kernels.add_scaled(scores[t] / sum, memory.values + t * memory.stride, width, y);
  }
}

}  // namespace tfopt
