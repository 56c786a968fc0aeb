// The kernels of integer weights, for the level `baseline`.
#define TFOPT_LEVEL baseline
#define TFOPT_VECTOR_BYTES 16
#define TFOPT_INT8_PANELS 1
#define TFOPT_INT8_COLUMNS 1
#define TFOPT_INT16_PANELS 1
#define TFOPT_INT16_COLUMNS 2
#include "engine/kernels/integers-inl.h"
