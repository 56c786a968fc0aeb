// The kernels of integer weights, for the level `avx512_vnni`.
#define TFOPT_LEVEL avx512_vnni
#define TFOPT_VECTOR_BYTES 64
#define TFOPT_VNNI
#define TFOPT_INT8_PANELS 4
#define TFOPT_INT8_COLUMNS 6
#define TFOPT_INT16_PANELS 4
#define TFOPT_INT16_COLUMNS 6
#include "engine/kernels/integers-inl.h"
