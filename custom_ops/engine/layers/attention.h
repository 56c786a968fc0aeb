// Additive attention (Bahdanau et al. 2015) of one query on the places of one sequence.
//
//   s_t = v . tanh(key_t + query),  y += sum over t of softmax(s)_t value_t
#ifndef TFOPT_ENGINE_LAYERS_ATTENTION_H_
#define TFOPT_ENGINE_LAYERS_ATTENTION_H_

#include "engine/kernels/kernels.h"

namespace tfopt {

// What is attended to: keys and values [length, width], `stride` floats from one place to the next.
struct AttentionMemory {
  const float* keys = nullptr;
  const float* values = nullptr;
  ptrdiff_t stride = 0;
  int length = 0;  // at least 1
};

//   width: floats of keys, values, query, v (score) and y, padded
//   scores: scratch, [Padded(length)]
void Attend(const Kernels& kernels, const AttentionMemory& memory, const float* query,
            const float* score, int width, float* scores, float* y);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_LAYERS_ATTENTION_H_
