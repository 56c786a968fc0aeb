#include "engine/layers/attention.h"

namespace tfopt {

void Attend(const Kernels& kernels, const AttentionMemory& memory, const float* query,
            const float* score, int width, float* scores, float* y) {
  for (int t = 0; t < memory.length; ++t) {
    scores[t] = kernels.attention_score(memory.keys + t * memory.stride, query, score, width);
  }
  const float sum = kernels.exponentials(scores, memory.length, 1.0f, scores);
  for (int t = 0; t < memory.length; ++t) {
    kernels.add_scaled(scores[t] / sum, memory.values + t * memory.stride, width, y);
  }
}

}  // namespace tfopt
