// The kernels of integer weights, for the level `avx512`.
#define TFOPT_LEVEL avx512
#define TFOPT_VECTOR_BYTES 64
#define TFOPT_INT8_PANELS 4
#define TFOPT_INT8_COLUMNS 3
#define TFOPT_INT16_PANELS 4
#define TFOPT_INT16_COLUMNS 6
#include "engine/kernels/integers-inl.h"
