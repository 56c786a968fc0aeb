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

// --- Inputs ---

// The magnitudes of a register's floats as integers, as which infinity and NaN are larger than all others.
inline Ints Magnitudes(const float* x) { return (Ints)(Load<Bits>(x) & 0x7fffffffu); }

// Held between -limit and limit, as NaN is too.
inline Floats Held(Floats scaled, float limit) {
  const Floats low = Floats{} - limit, high = Floats{} + limit;
  scaled = scaled > low ? scaled : low;
  return scaled > high ? high : scaled;
}

// Adding 1.5 * 2^23 rounds to the nearest integer (ties to even), and leaves it in the lowest bits; above them is
// kAbove, which is nothing to 16 or 8 bits.
constexpr uint32_t kAbove = 0x4b400000u;
inline Bits Rounded(Floats x) { return (Bits)(x + 12582912.0f); }

// All numbers of a register, combined: every one of four.
typedef int32_t Four __attribute__((vector_size(16)));
typedef float FourFloats __attribute__((vector_size(16)));
template <class Combine>
inline Four Reduced(Ints v, Combine combine) {
  Four parts[kLanes / 4];
  std::memcpy(parts, &v, sizeof(v));
  for (int width = kLanes / 8; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) parts[i] = combine(parts[i], parts[i + width]);
  }
  Four f = parts[0];
  f = combine(f, Four{f[2], f[3], f[0], f[1]});
  return combine(f, Four{f[1], f[0], f[3], f[2]});
}
inline Four LargestOf(Ints v) {
  return Reduced(v, [](Four a, Four b) { return a > b ? a : b; });
}
inline int32_t SumOf(Ints v) {
  return Reduced(v, [](Four a, Four b) { return a + b; })[0];
}

// Stores the lowest 16 or 8 bits.
inline void StoreNarrow(Bits v, int16_t* to) {
  typedef int16_t Narrow __attribute__((vector_size(TFOPT_VECTOR_BYTES / 2)));
  Store(__builtin_convertvector(v, Narrow), to);
}
#if defined(TFOPT_VNNI)
// Masked by nothing, as GCC warns of the other in its own header.
inline void StoreNarrow(Bits v, int8_t* to) {
  Store(_mm512_maskz_cvtepi32_epi8(0xffff, (__m512i)v), to);
}
#endif

// Writes n floats as integers, zeros behind them up to a whole register. 1 becomes `scale`, or if that is 0 as much
// as makes the largest magnitude `largest`; NaN if an input is not finite, so that no output is either.
template <class Integer>
void Quantize(const float* x, int n, float scale, int largest, Integer* q, IntegerVector* integers) {
  const int whole = n / kLanes * kLanes;
  float rest[kLanes];
  if (whole < n) {
    std::memset(rest, 0, sizeof(rest));
    for (int i = whole; i < n; ++i) rest[i - whole] = x[i];
  }
  const auto for_each_register = [&](const auto& take) {
    for (int i = 0; i < whole; i += kLanes) take(x + i, q + i);
    if (whole < n) take(rest, q + whole);
  };
  const float limit = static_cast<float>(largest);
  Ints most = {};
  Bits sums = {};
  const auto measure = [&](const float* from) {
    const Ints magnitudes = Magnitudes(from);
    most = magnitudes > most ? magnitudes : most;
  };
  const auto write = [&](Floats scaled, Integer* to) {
    const Bits rounded = Rounded(scaled);
    sums += rounded;
    StoreNarrow(rounded, to);
  };
  Four bits;  // of the largest magnitude
  if (scale != 0.0f) {
    const float factor = 1.0f / scale;
    for_each_register([&](const float* from, Integer* to) {
      measure(from);
      write(Held(Load<Floats>(from) * factor, limit), to);
    });
    bits = LargestOf(most);
  } else {
    for_each_register([&](const float* from, Integer*) { measure(from); });
    bits = LargestOf(most);
    const float magnitude = Load<FourFloats>(&bits)[0];
    float factor = 0.0f;
    // Of numbers this small the factor would be infinite; they are nothing beside a bias.
    if (magnitude >= 0x1p-100f) {
      scale = magnitude / limit;
      factor = limit / magnitude;
    }
    // Nothing to hold: the largest product is the limit, but for a rounding.
    for_each_register([&](const float* from, Integer* to) { write(Load<Floats>(from) * factor, to); });
  }
  const int written = (n + kLanes - 1) / kLanes * kLanes;
  if (bits[0] >= 0x7f800000) {
    std::memset(q, 0, static_cast<size_t>(written) * sizeof(Integer));
    *integers = {std::numeric_limits<float>::quiet_NaN(), 0};
    return;
  }
  const uint32_t above = kAbove * static_cast<uint32_t>(written / kLanes);  // of each lane
  *integers = {scale, SumOf((Ints)(sums - above))};
}

// --- Products of a panel ---
//
// Sums of 16 outputs for one vector of inputs. Add takes a group of inputs: 64 bytes of weights, four bytes for
// each output.

// The sums over pairs of products of 16-bit integers.
inline Ints AddPairs(Ints sums, Shorts a, Shorts b) {
#if defined(TFOPT_VNNI)
  return (Ints)_mm512_dpwssd_epi32((__m512i)sums, (__m512i)a, (__m512i)b);
#elif defined(__AVX512BW__)
  return sums + (Ints)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return sums + (Ints)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return sums + (Ints)_mm_madd_epi16((__m128i)a, (__m128i)b);
#elif defined(__aarch64__)
  const int32x4_t low = vmull_s16(vget_low_s16((int16x8_t)a), vget_low_s16((int16x8_t)b));
  const int32x4_t high = vmull_high_s16((int16x8_t)a, (int16x8_t)b);
  return sums + (Ints)vpaddq_s32(low, high);
#else
  for (int i = 0; i < kLanes; ++i) sums[i] += a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
  return sums;
#endif
}

// Bytes, as 16-bit integers.
inline Shorts Widened(const uint8_t* bytes) {
#if defined(__AVX512BW__)
  return (Shorts)_mm512_cvtepu8_epi16((__m256i)Load<Bytes>(bytes));
#elif defined(__AVX2__)
  return (Shorts)_mm256_cvtepu8_epi16((__m128i)Load<Bytes>(bytes));
#elif defined(__SSE2__)
  const __m128i low = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes));
  return (Shorts)_mm_unpacklo_epi8(low, _mm_setzero_si128());
#else
  return __builtin_convertvector(Load<Bytes>(bytes), Shorts);
#endif
}

// What becomes of sums: y = start + sums * (what 1 is of the inputs * of the weights).
struct Scaling {
  IntegerVector inputs;
  const float *scales, *start;
  float* y;

  // As many outputs, from `place` on, as a vector of these numbers holds.
  template <class Numbers, class Integers>
  void Write(Integers sums, int place) const {
    const Numbers scale = Load<Numbers>(scales + place) * inputs.scale;
    Store(Load<Numbers>(start + place) + __builtin_convertvector(sums, Numbers) * scale, y + place);
  }
};

// int16: a group is a pair.
struct Int16Sums {
  typedef int16_t Input;
  static constexpr int kInputs = 2;  // of a group
  static constexpr int kLargest = LargestInput(WeightType::kInt16);
  static constexpr int kRegisters = kPanel / kLanes;

  void Add(const uint8_t* weights, const char* group) {
    int32_t pair;
    std::memcpy(&pair, group, sizeof(pair));
    const Shorts inputs = (Shorts)(Ints{} + pair);
#pragma GCC unroll 8
    for (int r = 0; r < kRegisters; ++r) {
      sums[r] = AddPairs(sums[r], Load<Shorts>(weights + r * TFOPT_VECTOR_BYTES), inputs);
    }
  }
  void Finish(const Scaling& scaling) const {
#pragma GCC unroll 8
    for (int r = 0; r < kRegisters; ++r) scaling.Write<Floats>(sums[r], r * kLanes);
  }

  Ints sums[kRegisters] = {};
};

#if defined(TFOPT_VNNI)
typedef int32_t FourInputs;

// int8: the CPU multiplies bytes without a sign, the weights, with signed ones.
struct Int8Sums {
  typedef int8_t Input;
  static constexpr int kInputs = 4, kLargest = LargestInput(WeightType::kInt8);

  void Add(const uint8_t* weights, const char* group) {
    sums = (Ints)_mm512_dpbusd_epi32((__m512i)sums, (__m512i)Load<Ints>(weights),
                                     (__m512i)(Ints{} + Load<FourInputs>(group)));
  }
  void Finish(const Scaling& scaling) const {
    scaling.Write<Floats>(sums - kInt8Bias * scaling.inputs.sum, 0);
  }

  Ints sums = {};
};
#else
typedef int64_t FourInputs;
// The sums of neighbours in `a`, then of those in `b`.
inline Ints SumsOfPairs(Ints a, Ints b) {
#if defined(__AVX512BW__)
  const Floats first = (Floats)_mm512_shuffle_ps((__m512)a, (__m512)b, 0x88);
  const Floats second = (Floats)_mm512_shuffle_ps((__m512)a, (__m512)b, 0xdd);
  const Longs places = {0, 2, 4, 6, 1, 3, 5, 7};
  return (Ints)_mm512_maskz_permutexvar_epi64(0xff, (__m512i)places,
                                              (__m512i)((Ints)first + (Ints)second));
#elif defined(__AVX2__)
  return (Ints)_mm256_permute4x64_epi64(_mm256_hadd_epi32((__m256i)a, (__m256i)b), 0xd8);
#elif defined(__SSE2__)
  const __m128 first = _mm_shuffle_ps((__m128)a, (__m128)b, 0x88);
  return (Ints)first + (Ints)_mm_shuffle_ps((__m128)a, (__m128)b, 0xdd);
#elif defined(__aarch64__)
  return (Ints)vpaddq_s32((int32x4_t)a, (int32x4_t)b);
#else
  Ints sums;
  for (int lane = 0; lane < kLanes; ++lane) {
    const Ints& from = lane < kLanes / 2 ? a : b;
    const int place = 2 * lane % kLanes;
    sums[lane] = from[place] + from[place + 1];
  }
  return sums;
#endif
}

// int8: weights are widened, so that no product is cut off. Two sums stand side by side for each output.
struct Int8Sums {
  typedef int16_t Input;
  static constexpr int kInputs = 4, kLargest = LargestInput(WeightType::kInt8);
  static constexpr int kRegisters = 2 * kPanel / kLanes;

  void Add(const uint8_t* weights, const char* group) {
    const Shorts inputs = (Shorts)(Longs{} + Load<FourInputs>(group));
#pragma GCC unroll 8
    for (int r = 0; r < kRegisters; ++r) {
      sums[r] = AddPairs(sums[r], Widened(weights + r * (TFOPT_VECTOR_BYTES / 2)), inputs);
    }
  }
  void Finish(const Scaling& scaling) const {
#pragma GCC unroll 8
    for (int r = 0; r < kRegisters; r += 2) {
      const Ints whole = SumsOfPairs(sums[r], sums[r + 1]);
      scaling.Write<Floats>(whole - kInt8Bias * scaling.inputs.sum, r / 2 * kLanes);
    }
  }

  Ints sums[kRegisters] = {};
};
#endif

// --- Matrices ---

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
