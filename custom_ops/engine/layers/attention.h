// Additive attention (Bahdanau et al. 2015) of one query on the places of one sequence.
//
//   s_t = v . tanh(key_t + query),  y += sum over t of softmax(s)_t value_t
//
// tanh(k + q) = 1 - 2 / (1 + e^2k e^2q), where each exponential is computed once, not once for each pair; and the
// softmax does not see the sum of v, which is in every score. But exponentials are held in bounds. Of a query beyond
// them tanh is 1 or -1 all the same as long as the key is not as large on the other side; keys so large are kept as they
// are, and e^(k + q) is computed for each pair.
#ifndef TFOPT_ENGINE_LAYERS_ATTENTION_H_
#define TFOPT_ENGINE_LAYERS_ATTENTION_H_

#include "engine/kernels/kernels.h"

namespace tfopt {

// What is attended to: keys and values, [length, width], `stride` floats from one place to the next.
struct AttentionMemory {
  const float* keys = nullptr;  // as PrepareKeys left them
  const float* values = nullptr;
  ptrdiff_t stride = 0;
  int length = 0;           // at least 1
  bool large_keys = false;  // what PrepareKeys returned
};

// Replaces keys [length, width], `stride` floats apart, by e^2k, unless one of them is too large for that: then it
// returns true.
bool PrepareKeys(const Kernels& kernels, float* keys, ptrdiff_t stride, int length, int width);

//   query: overwritten
//   width: floats of keys, values, query, v (score) and y, padded
//   scratch: [Padded(length) + width]
void Attend(const Kernels& kernels, const AttentionMemory& memory, float* query, const float* score,
            int width, float* scratch, float* y);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_LAYERS_ATTENTION_H_
