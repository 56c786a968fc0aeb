// One register of floats and the functions of it that the kernels need.
//
// Written with the vector types of GCC and Clang, so that one source serves every level; the flags of each
// level's file choose the instructions. No include guard: each level includes this in a namespace of its
// own after defining TFOPT_VECTOR_BYTES.

constexpr int kLanes = TFOPT_VECTOR_BYTES / 4;

typedef float Floats __attribute__((vector_size(TFOPT_VECTOR_BYTES)));
typedef int32_t Ints __attribute__((vector_size(TFOPT_VECTOR_BYTES)));

inline Floats Load(const float* p) {
  Floats v;
  std::memcpy(&v, p, sizeof(v));
  return v;
}

inline void Store(Floats v, float* p) { std::memcpy(p, &v, sizeof(v)); }

inline Floats Set(float x) { return x - Floats{}; }  // x in every lane

inline Floats Max(Floats a, Floats b) { return a > b ? a : b; }
inline Floats Min(Floats a, Floats b) { return a < b ? a : b; }

// 2^x for x in [-126, 126]; relative error below 2^-22.
//
// x is split into a whole number and a rest in [-1/2, 1/2]. Adding 1.5 * 2^23 rounds to the whole number,
// which then stands in the lowest bits of the sum. The polynomial interpolates (2^r - 1) / r at Chebyshev
// nodes; its own error is 5e-9.
inline Floats PowerOfTwo(Floats x) {
  constexpr float kRounder = 12582912.0f;
  const Floats rounded = x + kRounder;
  const Floats rest = x - (rounded - kRounder);
  Floats p = rest * 1.5453163e-4f + 1.33908633e-3f;
  p = p * rest + 9.6180830e-3f;
  p = p * rest + 5.55035696e-2f;
  p = p * rest + 2.40226507e-1f;
  p = p * rest + 6.93147182e-1f;
  p = p * rest + 1.0f;
  // Unsigned, as the rounder's own bits leave at the top.
  typedef uint32_t Bits __attribute__((vector_size(TFOPT_VECTOR_BYTES)));
  return (Floats)((Bits)p + ((Bits)rounded << 23));
}

constexpr float kLog2E = 1.44269504f;

// e^-x, kept so small that sums and products of two of them stay finite.
inline Floats ExpOfMinus(Floats x, float bound) {
  return PowerOfTwo(Max(Min(x * -kLog2E, Set(bound)), Set(-bound)));
}

// 1 / (1 + e^-x). Error below 1e-7.
inline Floats Sigmoid(Floats x) { return 1.0f / (1.0f + ExpOfMinus(x, 126.0f)); }

// 2 sigmoid(2x) - 1. Error below 2e-7.
inline Floats Tanh(Floats x) {
  const Floats e = ExpOfMinus(x + x, 126.0f);
  return 2.0f / (1.0f + e) - 1.0f;
}
