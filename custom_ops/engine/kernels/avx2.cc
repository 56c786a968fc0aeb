// AVX2 with FMA: 16 registers of 8 floats.
#if !defined(__AVX2__) || !defined(__FMA__)
#error "compile avx2.cc with -mavx2 -mfma"
#endif
#define TFOPT_LEVEL avx2
#define TFOPT_LEVEL_ISA Isa::kAvx2
#define TFOPT_VECTOR_BYTES 32
#define TFOPT_MATVEC_VECTORS 8
#define TFOPT_MATMUL_VECTORS 2
#define TFOPT_BFLOAT16_PANELS 2
#define TFOPT_BFLOAT16_COLUMNS 3
#define TFOPT_SPARSE_COLUMNS 1
#include "engine/kernels/kernels-inl.h"
