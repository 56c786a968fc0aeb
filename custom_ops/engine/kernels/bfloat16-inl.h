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

// Sums for each output of a tile. A narrow one has too few outputs to keep the multipliers of bfloat16 busy: it adds
// even and odd groups apart, and the two at last. Elsewhere that would only take registers.
constexpr int ChainsOf([[maybe_unused]] int width) {
#if defined(TFOPT_BF16)
  if (width <= 2 * kPanel) return 2;
#endif
  return 1;
}

// kPanels panels side by side for kCount vectors: each weight is read once for all of them. kChains sums for each
// output, which take turns.
template <int kPanels, int kCount, int kChains>
inline void Block(const char* weights, ptrdiff_t row, int groups, Operand x, ConstColumns start,
                  Columns y) {
  static_assert(kChains == 1 || kChains == 2, "groups are even or odd");
  constexpr int kVectors = kPanels * kPanel / kLanes;
  Floats sums[kChains][kCount][kVectors] = {};
  // From column to column by adding: places that are computed at once would take registers that the sums are in.
#pragma GCC unroll 16
  for (int c = 0; c < kCount; ++c, start.data += start.stride) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) sums[0][c][v] = Load<Floats>(start.data + v * kLanes);
  }
  const char* inputs = static_cast<const char*>(x.data);
  const auto add_next_group = [&](Floats (&chain)[kCount][kVectors]) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      const Bits pairs = Load<Bits>(weights + v * TFOPT_VECTOR_BYTES);
#pragma GCC unroll 16
      for (int c = 0; c < kCount; ++c) {
        chain[c][v] =
            AddPair(chain[c][v], pairs, reinterpret_cast<const Input*>(inputs + c * x.stride));
      }
    }
    weights += row;
    inputs += kPair * sizeof(Input);
  };
  int g = 0;
  for (; g + kChains <= groups; g += kChains) {
#pragma GCC unroll 2
    for (int chain = 0; chain < kChains; ++chain) add_next_group(sums[chain]);
  }
  if (kChains > 1 && g < groups) add_next_group(sums[0]);
#pragma GCC unroll 16
  for (int c = 0; c < kCount; ++c, y.data += y.stride) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      Floats sum = sums[0][c][v];
      if (kChains > 1) sum += sums[kChains - 1][c][v];
      std::memcpy(y.data + v * kLanes, &sum, sizeof(sum));
    }
  }
}

// A tile for several columns, kMost at a time.
template <int kPanels, int kMost, int kChains>
void Tile(const char* weights, int width, int groups, Operand x, ConstColumns start, Columns y,
          int columns) {
  const ptrdiff_t row = ptrdiff_t{width / kPanel} * kPanelBytes;
  for (int c = 0; c < columns; c += kMost) {
    const auto block = [&](auto panels, int o) {
      WithConstant<kMost>(columns - c < kMost ? columns - c : kMost, [&](auto count) {
        Block<panels.value, count.value, kChains>(weights + o / kPanel * kPanelBytes, row, groups, x,
                                                  {start.data + o, start.stride},
                                                  {y.data + o, y.stride});
      });
    };
    int o = 0;
    for (; o + kPanels * kPanel <= width; o += kPanels * kPanel) block(Constant<kPanels>(), o);
    for (; o < width; o += kPanel) block(Constant<1>(), o);
    x.data = static_cast<const char*>(x.data) + kMost * x.stride;
    start.data += kMost * start.stride;
    y.data += kMost * y.stride;
  }
}

template <int kPanels, int kMost>
void Tiles(const Matrix& w, Operand x, ConstColumns start, Columns y, int columns) {
  const char* weights = static_cast<const char*>(w.weights);
  const int groups = InputGroups(w.type, w.inputs);
  for (int left = w.outputs; left > 0; left -= kTile) {
    const int width = left < kTile ? left : kTile;
    if (ChainsOf(width) == 2) {
      Tile<1, kMost, 2>(weights, width, groups, x, start, y, columns);
    } else {
      Tile<kPanels, kMost, 1>(weights, width, groups, x, start, y, columns);
    }
    weights += groups * (ptrdiff_t{width / kPanel} * kPanelBytes);
    start.data += kTile;
    y.data += kTile;
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
      Block<panels.value, 1, ChainsOf(panels.value * kPanel)>(weights, panels.value * kPanelBytes, groups, {x}, {start, 0},
                                      {y, 0});
    });
    weights += groups * (width * kPanelBytes);
    start += kTile;
    y += kTile;
    left -= width;
  }
}

void MatMul(const Matrix& w, Operand x, ConstColumns start, Columns y, int columns) {
  if (columns == 1) return MatVec(w, x.data, start.data, y.data);
  Tiles<TFOPT_BFLOAT16_PANELS, TFOPT_BFLOAT16_COLUMNS>(w, x, start, y, columns);
}

}  // namespace bfloat16
}  // namespace

extern const MatrixKernels kBfloat16 = {bfloat16::Prepare, bfloat16::MatMul};

}  // namespace TFOPT_LEVEL
}  // namespace tfopt
