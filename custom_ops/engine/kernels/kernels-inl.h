// The kernels of every level. Each level's file sets its flags' needs, defines TFOPT_LEVEL (a namespace),
// TFOPT_LEVEL_ISA, TFOPT_VECTOR_BYTES, TFOPT_MATVEC_VECTORS and TFOPT_MATMUL_VECTORS, and includes this once.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/kernels/kernels.h"
#include "engine/kernels/levels.h"
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace tfopt {
namespace TFOPT_LEVEL {
namespace {

#include "engine/kernels/constant.h"
#include "engine/kernels/vector.h"

// Columns whose sums are kept in registers together. With TFOPT_MATMUL_VECTORS registers of outputs each
// this fills the register file, but for the weights and one input.
constexpr int kColumns = 6;

// The sums of `kVectors` registers of outputs for kCount columns. All loops but that over the inputs have
// constant bounds and are unrolled, so that the sums stay in registers.
template <int kVectors, int kCount>
inline void Block(const float* w, int width, int inputs, ConstColumns x, ConstColumns start,
                  Columns y) {
  Floats sums[kCount][kVectors];
#pragma GCC unroll 16
  for (int c = 0; c < kCount; ++c) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) sums[c][v] = Load(start.data + c * start.stride + v * kLanes);
  }
  for (int i = 0; i < inputs; ++i, w += width) {
    Floats weights[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) weights[v] = Load(w + v * kLanes);
#pragma GCC unroll 16
    for (int c = 0; c < kCount; ++c) {
      const float input = x.data[c * x.stride + i];
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) sums[c][v] += weights[v] * input;
    }
  }
#pragma GCC unroll 16
  for (int c = 0; c < kCount; ++c) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) Store(sums[c][v], y.data + c * y.stride + v * kLanes);
  }
}

// One column: as many outputs at once as hide the latency of the additions.
[[gnu::noinline]] void MatVec(const Matrix& w, const float* x, const float* start, float* y) {
  constexpr int kMost = TFOPT_MATVEC_VECTORS * kLanes / kPanel;  // panels
  const float* weights = static_cast<const float*>(w.weights);
  for (int tile = 0; tile < w.outputs; tile += kTile) {
    const int width = w.outputs - tile < kTile ? w.outputs - tile : kTile;
    for (int o = 0; o < width; o += kMost * kPanel) {
      const int panels = (width - o) / kPanel;
      WithConstant<kMost>(panels < kMost ? panels : kMost, [&](auto count) {
        Block<count.value * kPanel / kLanes, 1>(weights + o, width, w.inputs, {x, 0},
                                                {start + tile + o, 0}, {y + tile + o, 0});
      });
    }
    weights += static_cast<ptrdiff_t>(w.inputs) * width;
  }
}

void MatMul(const Matrix& w, Operand operand, ConstColumns start, Columns y, int columns) {
  const ConstColumns x = {static_cast<const float*>(operand.data),
                          operand.stride / ptrdiff_t{sizeof(float)}};
  if (columns == 1) return MatVec(w, x.data, start.data, y.data);
  constexpr int kWide = TFOPT_MATMUL_VECTORS * kLanes;
  constexpr int kNarrow = kWide < kPanel ? kWide : kPanel;
  const float* weights = static_cast<const float*>(w.weights);
  for (int tile = 0; tile < w.outputs; tile += kTile) {
    const int width = w.outputs - tile < kTile ? w.outputs - tile : kTile;
    for (int c = 0; c < columns; c += kColumns) {
      const ConstColumns xs = {x.data + c * x.stride, x.stride};
      const ConstColumns starts = {start.data + c * start.stride + tile, start.stride};
      const Columns ys = {y.data + c * y.stride + tile, y.stride};
      const auto block = [&](auto outputs, int o) {
        WithConstant<kColumns>(columns - c < kColumns ? columns - c : kColumns, [&](auto count) {
          Block<outputs.value / kLanes, count.value>(weights + o, width, w.inputs, xs,
                                                     {starts.data + o, starts.stride},
                                                     {ys.data + o, ys.stride});
        });
      };
      int o = 0;
      for (; o + kWide <= width; o += kWide) block(Constant<kWide>(), o);
      for (; o < width; o += kNarrow) block(Constant<kNarrow>(), o);
    }
    weights += static_cast<ptrdiff_t>(w.inputs) * width;
  }
}

void Add(const float* a, const float* b, int n, float* y) {
  for (int i = 0; i < n; i += kLanes) Store(Load(a + i) + Load(b + i), y + i);
}

void Relu(const float* x, int n, float* y) {
  for (int i = 0; i < n; i += kLanes) Store(Max(Load(x + i), Floats{}), y + i);
}

// With ea = e^-2a and eb = e^-b: tanh(a) sigmoid(b) = (1 - ea) / ((1 + ea) (1 + eb)), one division. The
// bounds lie beyond where the two functions have become constant, and keep the product finite.
void Gate(const float* a, const float* b, int n, float* z) {
  for (int i = 0; i < n; i += kLanes) {
    const Floats va = Load(a + i);
    const Floats ea = ExpOfMinus(va + va, 30.0f);
    const Floats eb = ExpOfMinus(Load(b + i), 90.0f);
    Store((1.0f - ea) / ((1.0f + ea) * (1.0f + eb)), z + i);
  }
}

#include "engine/kernels/gru-inl.h"

// The sum of sixteen partial sums, in an order that is the same on every level.
float SumOfPanel(const float* partial) {
  float sums[kPanel / 2];
  for (int i = 0; i < kPanel / 2; ++i) sums[i] = partial[i] + partial[i + kPanel / 2];
  for (int width = kPanel / 4; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) sums[i] += sums[i + width];
  }
  return sums[0];
}

void ExponentialsOfTwice(const float* x, int n, float* y) {
  for (int i = 0; i < n; i += kLanes) {
    Store(BoundedPowerOfTwo(AtLeast(Load(x + i) * (2.0f * kLog2E), -126.0f), 126.0f), y + i);
  }
}

float AttentionScore(const float* a, const float* b, const float* v, int n) {
  Floats sums[kPanel / kLanes] = {};
  for (int i = 0; i < n; i += kPanel) {
    for (int s = 0; s < kPanel / kLanes; ++s) {
      const int at = i + s * kLanes;
      sums[s] += Load(v + at) / (1.0f + Load(a + at) * Load(b + at));
    }
  }
  alignas(64) float partial[kPanel];
  for (int s = 0; s < kPanel / kLanes; ++s) Store(sums[s], partial + s * kLanes);
  return -2.0f * SumOfPanel(partial);
}

void AddScaled(float scale, const float* x, int n, float* y) {
  for (int i = 0; i < n; i += kLanes) Store(Load(y + i) + scale * Load(x + i), y + i);
}

float Largest(const float* x, int n) {
  float largest = x[0];
  int i = 0;
  if (n >= kLanes) {
    Floats vector = Load(x);
    for (i = kLanes; i + kLanes <= n; i += kLanes) vector = Max(Load(x + i), vector);
    float lanes[kLanes];
    Store(vector, lanes);
    for (float lane : lanes) largest = lane > largest ? lane : largest;
  }
  for (; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

float Exponentials(const float* x, int n, float scale, float* y) {
  const float largest = Largest(x, n);
  const int padded = Padded(n);
  alignas(64) float partial[kPanel] = {};
  for (int i = 0; i < padded; i += kLanes) {
    const Floats below = (largest - Load(x + i)) * scale;
    // What the bound would hold up becomes zero: it must not be drawn.
    const Floats e = below > 86.0f ? Floats{} : ExpOfMinus(below, 126.0f);
    Store(e, y + i);
    for (int lane = n - i; lane < kLanes; ++lane) {
      if (lane >= 0) y[i + lane] = 0.0f;
    }
    float* sum = partial + i % kPanel;
    Store(Load(sum) + Load(y + i), sum);
  }
  return SumOfPanel(partial);
}

int ArgMax(const float* x, int n) {
  const float largest = Largest(x, n);
  for (int i = 0; i < n; ++i) {
    if (x[i] == largest) return i;
  }
  return 0;  // only NaN
}

float Sum(const float* x, size_t n) {
  constexpr size_t kSums = 8;
  Floats sums[kSums] = {};
  for (size_t i = 0; i < n; i += kSums * kLanes) {
#pragma GCC unroll 8
    for (size_t s = 0; s < kSums; ++s) sums[s] += Load(x + i + s * kLanes);
  }
  float total = 0.0f;
  for (const Floats& sum : sums) {
    for (int lane = 0; lane < kLanes; ++lane) total += sum[lane];
  }
  return total;
}

// As many sums in registers as fit beside the factor; where a round takes more, they go round again.
float MultiplyAdds(float x, size_t rounds) {
  constexpr size_t kSums = 8;
  constexpr size_t kAgain = Kernels::kMultiplyAdds / (kSums * kLanes);
  const Floats factor = Set(x);
  Floats sums[kSums];  // each another number, or the compiler would compute one for all
  for (size_t s = 0; s < kSums; ++s) sums[s] = Set(static_cast<float>(s));
  for (size_t round = 0; round < rounds * kAgain; ++round) {
#pragma GCC unroll 8
    for (size_t s = 0; s < kSums; ++s) sums[s] = sums[s] * factor + factor;
  }
  float total = 0.0f;
  for (const Floats& sum : sums) {
    for (int lane = 0; lane < kLanes; ++lane) total += sum[lane];
  }
  return total;
}

}  // namespace

extern const Kernels kKernels = {
    TFOPT_LEVEL_ISA, {{nullptr, MatMul}, {}, {}, {}}, {}, Add, Relu, Gate, GruResetAfter, GruReset,
    GruUpdate, ExponentialsOfTwice, AttentionScore, AddScaled, Exponentials, ArgMax, Sum, MultiplyAdds};

}  // namespace TFOPT_LEVEL
}  // namespace tfopt

#include "engine/kernels/bfloat16-inl.h"
#include "engine/kernels/sparse-inl.h"
