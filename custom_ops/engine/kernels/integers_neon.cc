// The kernels of integer weights, for the level `neon`.
#define TFOPT_LEVEL neon
#define TFOPT_VECTOR_BYTES 16
#define TFOPT_INT8_PANELS 1
#define TFOPT_INT8_COLUMNS 3
#define TFOPT_INT16_PANELS 2
#define TFOPT_INT16_COLUMNS 3
#include "engine/kernels/integers-inl.h"
