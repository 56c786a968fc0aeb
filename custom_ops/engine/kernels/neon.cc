// AArch64: 32 registers of 4 floats.
#ifndef __aarch64__
#error "neon.cc is for AArch64"
#endif
#define TFOPT_LEVEL neon
#define TFOPT_LEVEL_ISA Isa::kNeon
#define TFOPT_VECTOR_BYTES 16
#define TFOPT_MATVEC_VECTORS 16
#define TFOPT_MATMUL_VECTORS 4
#define TFOPT_BFLOAT16_PANELS 2
#define TFOPT_BFLOAT16_COLUMNS 3
#define TFOPT_SPARSE_COLUMNS 2
#include "engine/kernels/kernels-inl.h"
