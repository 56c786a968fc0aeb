// AVX-512 as every CPU with it since 2017 has it: 32 registers of 16 floats.
#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__AVX512DQ__) || !defined(__AVX512VL__)
#error "compile avx512.cc with -mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma"
#endif
#define TFOPT_LEVEL avx512
#define TFOPT_LEVEL_ISA Isa::kAvx512
#define TFOPT_VECTOR_BYTES 64
#define TFOPT_MATVEC_VECTORS 4
#define TFOPT_MATMUL_VECTORS 4
#define TFOPT_BFLOAT16_PANELS 4
#define TFOPT_BFLOAT16_COLUMNS 6
#define TFOPT_SPARSE_COLUMNS 4
#include "engine/kernels/kernels-inl.h"
