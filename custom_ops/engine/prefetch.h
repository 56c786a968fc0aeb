// Asks for memory before it is needed, where the order is not one that CPUs guess.
#ifndef TFOPT_ENGINE_PREFETCH_H_
#define TFOPT_ENGINE_PREFETCH_H_

namespace tfopt {

// Lines of a cache have 16 floats, or more. To the second level, as several of these vectors are too much for the
// first. The hint is one for reading; what is written is served too, as no other core holds these lines.
inline void Prefetch(const float* vector, int size) {
  for (int i = 0; i < size; i += 16) __builtin_prefetch(vector + i, 0, 2);
}

}  // namespace tfopt

#endif  // TFOPT_ENGINE_PREFETCH_H_
