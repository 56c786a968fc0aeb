// The kernels of bfloat16 weights, for CPUs that multiply them themselves.
#ifndef __AVX512BF16__
#error "compile bfloat16_avx512.cc with -mavx512bf16"
#endif
#define TFOPT_LEVEL avx512_bf16
#define TFOPT_BF16
#define TFOPT_VECTOR_BYTES 64
#define TFOPT_BFLOAT16_PANELS 4
#define TFOPT_BFLOAT16_COLUMNS 6
#include "engine/kernels/bfloat16-inl.h"
