// Additive attention (Bahdanau et al. 2015) of one query on the places of one sequence.
//
//   s_t = v . tanh(key_t + query),  y += sum over t of softmax(s)_t value_t
//
// tanh(k + q) = 1 - 2 / (1 + e^2k e^2q), where each exponential is computed once, not once for each pair; and the
// softmax does not see the sum of v, which is in every score. Kernels::exponentials_of_twice says how large a key or
// query may be.
#ifndef TFOPT_ENGINE_LAYERS_ATTENTION_H_
#define TFOPT_ENGINE_LAYERS_ATTENTION_H_

#include "engine/kernels/kernels.h"

namespace tfopt {

// What is attended to: e^2k of keys k, and values, [length, width], `stride` floats from one place to the next.
struct AttentionMemory {
  const float* keys = nullptr;
  const float* values = nullptr;
  ptrdiff_t stride = 0;
  int length = 0;  // at least 1
};

//   query: e^2q of the query q
//   width: floats of keys, values, query, v (score) and y, padded
//   scores: scratch, [Padded(length)]
void Attend(const Kernels& kernels, const AttentionMemory& memory, const float* query,
            const float* score, int width, float* scores, float* y);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_LAYERS_ATTENTION_H_
