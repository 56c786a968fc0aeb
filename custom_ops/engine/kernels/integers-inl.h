// The kernels of integer weights, for every level. Each level's file integers_LEVEL.cc defines TFOPT_LEVEL,
// TFOPT_VECTOR_BYTES, how many panels and columns a block of several has (TFOPT_INT8_PANELS, TFOPT_INT8_COLUMNS and
// the same of INT16), with VNNI TFOPT_VNNI, and includes this once. Compiled with -ffp-contract=off, since a product
// that is not rounded before it is added would give other bits than on levels that have no such instruction.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "engine/kernels/kernels.h"
#include "engine/kernels/levels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace tfopt {
namespace TFOPT_LEVEL {
namespace {

#include "engine/kernels/constant.h"

constexpr int kLanes = TFOPT_VECTOR_BYTES / 4;  // 32-bit numbers of a register
constexpr ptrdiff_t kPanelBytes = 4 * kPanel;   // of a group of inputs

typedef float Floats __attribute__((vector_size(TFOPT_VECTOR_BYTES)));
typedef int32_t Ints __attribute__((vector_size(TFOPT_VECTOR_BYTES)));
typedef uint32_t Bits __attribute__((vector_size(TFOPT_VECTOR_BYTES)));
typedef int64_t Longs __attribute__((vector_size(TFOPT_VECTOR_BYTES)));
typedef int16_t Shorts __attribute__((vector_size(TFOPT_VECTOR_BYTES)));
typedef uint8_t Bytes __attribute__((vector_size(TFOPT_VECTOR_BYTES / 2)));

template <class Vector, class Pointer>
inline Vector Load(const Pointer* p) {
  Vector v;
  std::memcpy(&v, p, sizeof(v));
  return v;
}
template <class Vector, class Pointer>
inline void Store(Vector v, Pointer* p) {
  std::memcpy(p, &v, sizeof(v));
}

#include "engine/kernels/integer_inputs.h"
#include "engine/kernels/integer_sums.h"

// kPanels panels side by side for kCount vectors: each weight is read once for all of them.
template <class Sums, int kPanels, int kCount>
inline void Block(const uint8_t* weights, ptrdiff_t row, int groups, const float* scales, Operand x,
                  ConstColumns start, Columns y) {
  constexpr ptrdiff_t kGroup = Sums::kInputs * static_cast<ptrdiff_t>(sizeof(typename Sums::Input));
  Sums sums[kCount][kPanels];
  const char* inputs = static_cast<const char*>(x.data);
  for (int g = 0; g < groups; ++g, weights += row, inputs += kGroup) {
#pragma GCC unroll 8
    for (int c = 0; c < kCount; ++c) {
#pragma GCC unroll 8
      for (int p = 0; p < kPanels; ++p) {
        sums[c][p].Add(weights + p * kPanelBytes, inputs + c * x.stride);
      }
    }
  }
  // From column to column by adding: places that are computed at once would take registers that the sums are in.
  const IntegerVector* integers = x.integers;
#pragma GCC unroll 8
  for (int c = 0; c < kCount; ++c, ++integers, start.data += start.stride, y.data += y.stride) {
    const IntegerVector of_column = *integers;  // read once: y might be the same memory
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) {
      const int o = p * kPanel;
      sums[c][p].Finish({of_column, scales + o, start.data + o, y.data + o});
    }
  }
}

template <class Sums>
int GroupsOf(const Matrix& w) {
  return (w.inputs + Sums::kInputs - 1) / Sums::kInputs;
}

template <class Sums, int kPanels, int kMost>
void Blocks(const Matrix& w, Operand x, ConstColumns start, Columns y, int columns) {
  const auto* weights = static_cast<const uint8_t*>(w.weights);
  const int groups = GroupsOf<Sums>(w);
  for (int tile = 0; tile < w.outputs; tile += kTile) {
    const int width = w.outputs - tile < kTile ? w.outputs - tile : kTile;
    const ptrdiff_t row = ptrdiff_t{width / kPanel} * kPanelBytes;
    for (int c = 0; c < columns; c += kMost) {
      const Operand xs = {static_cast<const char*>(x.data) + c * x.stride, x.stride, x.integers + c};
      const float* starts = start.data + c * start.stride + tile;
      float* ys = y.data + c * y.stride + tile;
      const auto block = [&](auto panels, int o) {
        WithConstant<kMost>(columns - c < kMost ? columns - c : kMost, [&](auto count) {
          Block<Sums, panels.value, count.value>(weights + o / kPanel * kPanelBytes, row, groups,
                                                 w.scales + tile + o, xs, {starts + o, start.stride},
                                                 {ys + o, y.stride});
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
template <class Sums>
[[gnu::noinline]] void MatVec(const Matrix& w, const void* x, const IntegerVector* integers,
                              const float* start, float* y) {
  const auto* weights = static_cast<const uint8_t*>(w.weights);
  const float* scales = w.scales;
  const int groups = GroupsOf<Sums>(w);
  for (int left = w.outputs / kPanel; left > 0;) {
    constexpr int kMost = kTile / kPanel;
    const int width = left < kMost ? left : kMost;
    const ptrdiff_t row = width * kPanelBytes;
    WithConstant<kMost>(width, [&](auto panels) {
      Block<Sums, panels.value, 1>(weights, panels.value * kPanelBytes, groups, scales,
                                   {x, 0, integers}, {start, 0}, {y, 0});
    });
    weights += groups * row;
    scales += kTile;
    start += kTile;
    y += kTile;
    left -= width;
  }
}

template <class Sums, int kPanels, int kMost>
void MatMul(const Matrix& w, Operand x, ConstColumns start, Columns y, int columns) {
  if (columns == 1) return MatVec<Sums>(w, x.data, x.integers, start.data, y.data);
  Blocks<Sums, kPanels, kMost>(w, x, start, y, columns);
}

template <class Sums>
void Prepare(const float* x, int inputs, float input_scale, void* prepared,
             IntegerVector* integers) {
  Quantize(x, inputs, input_scale, Sums::kLargest, static_cast<typename Sums::Input*>(prepared),
           integers);
}

#include "engine/kernels/sparse_integers.h"

}  // namespace

extern const MatrixKernels kInt16 = {
    Prepare<Int16Sums>, MatMul<Int16Sums, TFOPT_INT16_PANELS, TFOPT_INT16_COLUMNS>};
extern const MatrixKernels kInt8 = {Prepare<Int8Sums>,
                                    MatMul<Int8Sums, TFOPT_INT8_PANELS, TFOPT_INT8_COLUMNS>};
extern const MatrixKernels kSparseInt8 = {Prepare<Int8Sums>, SparseMatMul};

}  // namespace TFOPT_LEVEL
}  // namespace tfopt
