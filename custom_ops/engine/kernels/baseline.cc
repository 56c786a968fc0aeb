// What every CPU of an architecture has; on x86-64 that is SSE2: 16 registers of 4 floats, no fused
// multiply-add.
#define TFOPT_LEVEL baseline
#define TFOPT_LEVEL_ISA Isa::kBaseline
#define TFOPT_VECTOR_BYTES 16
#define TFOPT_MATVEC_VECTORS 8
#define TFOPT_MATMUL_VECTORS 2
#define TFOPT_BFLOAT16_PANELS 1
#define TFOPT_BFLOAT16_COLUMNS 2
#define TFOPT_SPARSE_COLUMNS 1
#include "engine/kernels/kernels-inl.h"
