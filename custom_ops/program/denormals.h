// Numbers too small for a normalised float.
#ifndef TFOPT_PROGRAM_DENORMALS_H_
#define TFOPT_PROGRAM_DENORMALS_H_

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <cstdint>

namespace tfopt {

// Has this thread and those that it starts take denormal numbers for zero, as TensorFlow does around every op:
// so that results equal the ops', and because they are slow.
inline void FlushDenormals() {
#if defined(__x86_64__)
  constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
  _mm_setcsr(_mm_getcsr() | kFlushToZero | kDenormalsAreZero);
#elif defined(__aarch64__)
  constexpr uint64_t kFlushToZero = uint64_t{1} << 24;
  uint64_t control;
  asm volatile("mrs %0, fpcr" : "=r"(control));
  asm volatile("msr fpcr, %0" : : "r"(control | kFlushToZero));
#endif
}

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_DENORMALS_H_
