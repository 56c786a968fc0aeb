// The kernels of block-sparse matrices of floats, for every level: blocks of 16 outputs and one input, those that
// are not zero. Each level's file includes this once, after what bfloat16-inl.h needs is defined.
//
// Each output is four chains of multiply-adds, over every fourth of its blocks: enough to hide the latency of an
// addition, and always four, so that the number of columns changes no bit.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/kernels/kernels.h"
#include "engine/kernels/levels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tfopt {
namespace TFOPT_LEVEL {
namespace {
namespace sparse {

#include "engine/kernels/constant.h"

constexpr int kLanes = TFOPT_VECTOR_BYTES / 4;
constexpr int kRegisters = kPanel / kLanes;
constexpr size_t kChains = 4;

typedef float Floats __attribute__((vector_size(TFOPT_VECTOR_BYTES)));
typedef uint32_t Bits __attribute__((vector_size(TFOPT_VECTOR_BYTES)));
typedef uint16_t Halves __attribute__((vector_size(TFOPT_VECTOR_BYTES / 2)));

template <class Vector>
inline Vector Load(const void* p) {
  Vector v;
  std::memcpy(&v, p, sizeof(v));
  return v;
}

inline Floats Weights(const float* weights) { return Load<Floats>(weights); }
// bfloat16 are the upper halves of floats. GCC widens vectors in more steps than it takes.
inline Floats Weights(const uint16_t* weights) {
#if defined(__AVX512BW__)
  // One step: each to where it becomes an upper half, zeros between.
  const Bits places = {0, 1 << 16, 2 << 16,  3 << 16,  4 << 16,  5 << 16,  6 << 16,  7 << 16,
                       8 << 16, 9 << 16, 10 << 16, 11 << 16, 12 << 16, 13 << 16, 14 << 16, 15 << 16};
  return (Floats)_mm512_maskz_permutexvar_epi16(
      0xaaaaaaaau, (__m512i)places, _mm512_castsi256_si512(Load<__m256i>(weights)));
#elif defined(__AVX2__)
  return (Floats)((Bits)_mm256_cvtepu16_epi32(Load<__m128i>(weights)) << 16);
#elif defined(__SSE2__)
  return (Floats)_mm_unpacklo_epi16(
      _mm_setzero_si128(), _mm_loadl_epi64(reinterpret_cast<const __m128i*>(weights)));
#else
  return (Floats)(__builtin_convertvector(Load<Halves>(weights), Bits) << 16);
#endif
}

// A panel of outputs for kCount vectors.
template <class Weight, int kCount>
inline void Panel(const Matrix& w, int panel, ConstColumns x, ConstColumns start, Columns y) {
  const auto* const weights = static_cast<const Weight*>(w.weights);
  Floats sums[kCount][kChains][kRegisters] = {};
  const auto add = [&](size_t block, size_t chain) {
    const float* const input = x.data + w.block_inputs[block];
#pragma GCC unroll 8
    for (int r = 0; r < kRegisters; ++r) {
      const Floats numbers = Weights(weights + block * kPanel + r * kLanes);
#pragma GCC unroll 8
      for (int c = 0; c < kCount; ++c) sums[c][chain][r] += numbers * input[c * x.stride];
    }
  };
  size_t next = w.block_starts[panel];
  const size_t end = w.block_starts[panel + 1];
  for (; next + kChains <= end; next += kChains) {
#pragma GCC unroll 8
    for (size_t chain = 0; chain < kChains; ++chain) add(next + chain, chain);
  }
#pragma GCC unroll 8
  for (size_t chain = 0; chain < kChains - 1; ++chain) {
    if (next + chain < end) add(next + chain, chain);
  }
#pragma GCC unroll 8
  for (int c = 0; c < kCount; ++c) {
#pragma GCC unroll 8
    for (int r = 0; r < kRegisters; ++r) {
      const Floats* s = &sums[c][0][r];
      const Floats sum = (s[0] + s[kRegisters]) + (s[2 * kRegisters] + s[3 * kRegisters]);
      const Floats result = Load<Floats>(start.data + c * start.stride + r * kLanes) + sum;
      std::memcpy(y.data + c * y.stride + r * kLanes, &result, sizeof(result));
    }
  }
}

template <class Weight>
void MatMul(const Matrix& w, Operand x, ConstColumns start, Columns y, int columns) {
  constexpr int kMost = TFOPT_SPARSE_COLUMNS;
  const ConstColumns xs = {static_cast<const float*>(x.data), x.stride / ptrdiff_t{sizeof(float)}};
  for (int o = 0; o < w.outputs; o += kPanel) {
    for (int c = 0; c < columns; c += kMost) {
      WithConstant<kMost>(columns - c < kMost ? columns - c : kMost, [&](auto count) {
        Panel<Weight, count.value>(w, o / kPanel, {xs.data + c * xs.stride, xs.stride},
                                   {start.data + c * start.stride + o, start.stride},
                                   {y.data + c * y.stride + o, y.stride});
      });
    }
  }
}

}  // namespace sparse
}  // namespace

extern const MatrixKernels kSparseFloat32 = {nullptr, sparse::MatMul<float>};
extern const MatrixKernels kSparseBfloat16 = {nullptr, sparse::MatMul<uint16_t>};

}  // namespace TFOPT_LEVEL
}  // namespace tfopt
