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

namespace tfopt {
namespace TFOPT_LEVEL {
namespace {
namespace sparse {

constexpr int kLanes = TFOPT_VECTOR_BYTES / 4;
constexpr int kRegisters = kPanel / kLanes;
constexpr int kChains = 4;

typedef float Floats __attribute__((vector_size(TFOPT_VECTOR_BYTES)));
typedef uint32_t Bits __attribute__((vector_size(TFOPT_VECTOR_BYTES)));
typedef uint16_t Halves __attribute__((vector_size(TFOPT_VECTOR_BYTES / 2)));

template <class Vector>
inline Vector Load(const void* p) {
  Vector v;
  std::memcpy(&v, p, sizeof(v));
  return v;
}

inline Floats Weights(const float* block, int r) { return Load<Floats>(block + r * kLanes); }
// bfloat16 are the upper halves of floats.
inline Floats Weights(const uint16_t* block, int r) {
  return (Floats)(__builtin_convertvector(Load<Halves>(block + r * kLanes), Bits) << 16);
}

// A panel of outputs for kCount vectors.
template <class Weight, int kCount>
inline void Panel(const Weight* weights, const uint16_t* inputs, int blocks, ConstColumns x,
                  ConstColumns start, Columns y) {
  Floats sums[kCount][kChains][kRegisters] = {};
  const auto add = [&](int block, int chain) {
    const int input = inputs[block];
#pragma GCC unroll 8
    for (int r = 0; r < kRegisters; ++r) {
      const Floats w = Weights(weights + ptrdiff_t{block} * kPanel, r);
#pragma GCC unroll 8
      for (int c = 0; c < kCount; ++c) sums[c][chain][r] += w * x.data[c * x.stride + input];
    }
  };
  int block = 0;
  for (; block + kChains <= blocks; block += kChains) {
#pragma GCC unroll 8
    for (int chain = 0; chain < kChains; ++chain) add(block + chain, chain);
  }
#pragma GCC unroll 8
  for (int chain = 0; chain < kChains - 1; ++chain) {
    if (block + chain < blocks) add(block + chain, chain);
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

template <class Weight, int kMost>
inline void PanelOfColumns(const Weight* weights, const uint16_t* inputs, int blocks,
                           ConstColumns x, ConstColumns start, Columns y, int columns) {
  if (columns == kMost) return Panel<Weight, kMost>(weights, inputs, blocks, x, start, y);
  if constexpr (kMost > 1) {
    PanelOfColumns<Weight, kMost - 1>(weights, inputs, blocks, x, start, y, columns);
  }
}

template <class Weight>
void MatMul(const Matrix& w, Operand x, ConstColumns start, Columns y, int columns) {
  constexpr int kMost = TFOPT_SPARSE_COLUMNS;
  const auto* weights = static_cast<const Weight*>(w.weights);
  const ConstColumns xs = {static_cast<const float*>(x.data), x.stride / ptrdiff_t{sizeof(float)}};
  for (int o = 0; o < w.outputs; o += kPanel) {
    const uint32_t first = w.block_starts[o / kPanel], last = w.block_starts[o / kPanel + 1];
    for (int c = 0; c < columns; c += kMost) {
      PanelOfColumns<Weight, kMost>(weights + ptrdiff_t{first} * kPanel, w.block_inputs + first,
                                    static_cast<int>(last - first),
                                    {xs.data + c * xs.stride, xs.stride},
                                    {start.data + c * start.stride + o, start.stride},
                                    {y.data + c * y.stride + o, y.stride},
                                    columns - c < kMost ? columns - c : kMost);
    }
  }
}

}  // namespace sparse
}  // namespace

extern const MatrixKernels kSparseFloat32 = {nullptr, sparse::MatMul<float>};
extern const MatrixKernels kSparseBfloat16 = {nullptr, sparse::MatMul<uint16_t>};

}  // namespace TFOPT_LEVEL
}  // namespace tfopt
