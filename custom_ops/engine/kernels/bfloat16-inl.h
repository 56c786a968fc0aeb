// The bfloat16 kernels of every level. Each level's file defines TFOPT_LEVEL, TFOPT_VECTOR_BYTES,
// TFOPT_BFLOAT16_PANELS and TFOPT_BFLOAT16_COLUMNS, and includes this once; with AVX512_BF16 also TFOPT_BF16.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/kernels/kernels.h"
#include "engine/kernels/levels.h"
#if defined(TFOPT_BF16)
#include <immintrin.h>
#endif

namespace tfopt {
namespace TFOPT_LEVEL {
namespace {
namespace bfloat16 {

#include "engine/kernels/constant.h"

constexpr int kLanes = TFOPT_VECTOR_BYTES / 4;
constexpr int kPair = 2;                       // inputs of a group
constexpr ptrdiff_t kPanelBytes = 4 * kPanel;  // of a group of inputs

typedef float Floats __attribute__((vector_size(TFOPT_VECTOR_BYTES)));
typedef uint32_t Bits __attribute__((vector_size(TFOPT_VECTOR_BYTES)));

template <class Vector>
inline Vector Load(const void* p) {
  Vector v;
  std::memcpy(&v, p, sizeof(v));
  return v;
}

// The nearest bfloat16, ties to even, in the upper halves; NaN stays NaN.
inline Bits Rounded(Bits x) {
  const Bits odd = (x >> 16) & 1u;
  const Bits rounded = (x + 0x7fffu + odd) & 0xffff0000u;
  return (x & 0x7fffffffu) > 0x7f800000u ? (x | 0x00400000u) & 0xffff0000u : rounded;
}

#if defined(TFOPT_BF16)
typedef uint16_t Input;

inline void StoreInputs(Bits rounded, Input* to) {
  typedef uint16_t Narrow __attribute__((vector_size(TFOPT_VECTOR_BYTES / 2)));
  const Narrow narrow = __builtin_convertvector(rounded >> 16, Narrow);
  std::memcpy(to, &narrow, sizeof(narrow));
}

// sums + the two products of each lane.
inline Floats AddPair(Floats sums, Bits weights, const Input* inputs) {
  uint32_t pair;
  std::memcpy(&pair, inputs, sizeof(pair));
  return (Floats)_mm512_dpbf16_ps((__m512)sums, (__m512bh)weights, (__m512bh)(Bits{} + pair));
}
#else
typedef float Input;  // that is a bfloat16

inline void StoreInputs(Bits rounded, Input* to) { std::memcpy(to, &rounded, sizeof(rounded)); }

inline Floats AddPair(Floats sums, Bits weights, const Input* inputs) {
  sums += (Floats)(weights << 16) * inputs[0];
  return sums + (Floats)(weights & 0xffff0000u) * inputs[1];
}
#endif

void Prepare(const float* x, int inputs, float, void* prepared, IntegerVector*) {
  Input* to = static_cast<Input*>(prepared);
  int i = 0;
  for (; i + kLanes <= inputs; i += kLanes) StoreInputs(Rounded(Load<Bits>(x + i)), to + i);
  if (i == inputs) return;
  float rest[kLanes] = {};
  for (int j = i; j < inputs; ++j) rest[j - i] = x[j];
  StoreInputs(Rounded(Load<Bits>(rest)), to + i);
}

// kPanels panels side by side for kCount vectors: each weight is read once for all of them.
template <int kPanels, int kCount>
inline void Block(const char* weights, ptrdiff_t row, int groups, Operand x, ConstColumns start,
                  Columns y) {
  constexpr int kVectors = kPanels * kPanel / kLanes;
  Floats sums[kCount][kVectors];
#pragma GCC unroll 16
  for (int c = 0; c < kCount; ++c) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      sums[c][v] = Load<Floats>(start.data + c * start.stride + v * kLanes);
    }
  }
  const char* inputs = static_cast<const char*>(x.data);
  for (int g = 0; g < groups; ++g, weights += row, inputs += kPair * sizeof(Input)) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      const Bits pairs = Load<Bits>(weights + v * TFOPT_VECTOR_BYTES);
#pragma GCC unroll 16
      for (int c = 0; c < kCount; ++c) {
        sums[c][v] = AddPair(sums[c][v], pairs,
                             reinterpret_cast<const Input*>(inputs + c * x.stride));
      }
    }
  }
#pragma GCC unroll 16
  for (int c = 0; c < kCount; ++c) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      std::memcpy(y.data + c * y.stride + v * kLanes, &sums[c][v], sizeof(Floats));
    }
  }
}

template <int kPanels, int kMost>
void Blocks(const Matrix& w, Operand x, ConstColumns start, Columns y, int columns) {
  const char* weights = static_cast<const char*>(w.weights);
  const int groups = InputGroups(w.type, w.inputs);
  for (int tile = 0; tile < w.outputs; tile += kTile) {
    const int width = w.outputs - tile < kTile ? w.outputs - tile : kTile;
    const ptrdiff_t row = ptrdiff_t{width / kPanel} * kPanelBytes;
    for (int c = 0; c < columns; c += kMost) {
      const Operand xs = {static_cast<const char*>(x.data) + c * x.stride, x.stride};
      const float* starts = start.data + c * start.stride + tile;
      float* ys = y.data + c * y.stride + tile;
      const auto block = [&](auto panels, int o) {
        WithConstant<kMost>(columns - c < kMost ? columns - c : kMost, [&](auto count) {
          Block<panels.value, count.value>(weights + o / kPanel * kPanelBytes, row, groups, xs,
                                           {starts + o, start.stride}, {ys + o, y.stride});
        });
      };
      int o = 0;
      for (; o + kPanels * kPanel <= width; o += kPanels * kPanel) block(Constant<kPanels>(), o);
      for (; o < width; o += kPanel) block(Constant<1>(), o);
    }
    weights += groups * row;
  }
}

// One vector: whole tiles, as that weights are read in their order is worth more than that all sums stay in
// registers. By itself, so that it begins with none of the work that several vectors take.
[[gnu::noinline]] void MatVec(const Matrix& w, const void* x, const float* start, float* y) {
  const char* weights = static_cast<const char*>(w.weights);
  const int groups = InputGroups(w.type, w.inputs);
  for (int left = w.outputs / kPanel; left > 0;) {
    constexpr int kMost = kTile / kPanel;
    const int width = left < kMost ? left : kMost;
    WithConstant<kMost>(width, [&](auto panels) {
      Block<panels.value, 1>(weights, panels.value * kPanelBytes, groups, {x}, {start, 0}, {y, 0});
    });
    weights += groups * (width * kPanelBytes);
    start += kTile;
    y += kTile;
    left -= width;
  }
}

void MatMul(const Matrix& w, Operand x, ConstColumns start, Columns y, int columns) {
  if (columns == 1) return MatVec(w, x.data, start.data, y.data);
  Blocks<TFOPT_BFLOAT16_PANELS, TFOPT_BFLOAT16_COLUMNS>(w, x, start, y, columns);
}

}  // namespace bfloat16
}  // namespace

extern const MatrixKernels kBfloat16 = {bfloat16::Prepare, bfloat16::MatMul};

}  // namespace TFOPT_LEVEL
}  // namespace tfopt
