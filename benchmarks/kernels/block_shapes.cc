// Times block-sparse products of a matrix and a vector for several shapes of blocks: why tfopt's are 16x1 (outputs x
// inputs) in float32 and 8x4 in int8.
//
// All kernels are written alike, with as many independent sums of a row of blocks, so that what differs is the shape.
// They are tfopt's no more than in spirit: blocks in rows, and of each block its first input. Compiled for the CPU at
// hand; int8 needs VNNI. Names are as main.cc's: tfopt/shape at density/type/model/outputs x inputs.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/aligned.h"
#include "shapes.h"
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
#include <immintrin.h>
#endif

namespace benchmarks {
namespace {

constexpr size_t kChains = 4;  // sums of a row: as in custom_ops/engine/kernels/sparse-inl.h

// --- One block: sums [outputs] += its weights times inputs ---

// float32: a register of outputs, or two, for each input.
template <int kOutputs, int kInputs>
struct Float32 {
  using Number = float;
  static constexpr int kLanes = kOutputs < 16 ? kOutputs : 16;
  typedef float Register __attribute__((vector_size(kLanes * 4)));
  struct Sums {
    Register registers[kOutputs / kLanes];

    Sums operator+(const Sums& other) const {
      Sums sums = *this;
      for (int r = 0; r < kOutputs / kLanes; ++r) sums.registers[r] += other.registers[r];
      return sums;
    }
  };
  static constexpr const char* kType = "float32";
  static constexpr bool kIsSupported = true;

  // weights: [inputs][outputs]
  static size_t Place(int output, int input) { return static_cast<size_t>(input * kOutputs + output); }
  static void Add(const float* weights, const float* x, Sums* sums) {
    for (int i = 0; i < kInputs; ++i) {
      for (int r = 0; r < kOutputs / kLanes; ++r) {
        Register column;
        std::memcpy(&column, weights + i * kOutputs + r * kLanes, sizeof(column));
        sums->registers[r] += column * x[i];
      }
    }
  }
};

// int8: weights without a sign and inputs with one, as VNNI multiplies them. Four inputs at a time,
template <int kOutputs, int kInputs>
struct Int8 {
  using Number = uint8_t;
  typedef int32_t Sums __attribute__((vector_size(kOutputs * 4)));
  static constexpr const char* kType = "int8";

  // weights: [inputs / 4][outputs][4], or [outputs] of a single input
  static size_t Place(int output, int input) {
    if (kInputs == 1) return static_cast<size_t>(output);
    return static_cast<size_t>((input / 4 * kOutputs + output) * 4 + input % 4);
  }
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
  static constexpr bool kIsSupported = true;

  static void Add(const uint8_t* weights, const int8_t* x, Sums* sums) {
    if constexpr (kInputs == 1) {
      // or one, which takes widening.
      static_assert(kOutputs == 16, "a register of 32-bit numbers");
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(weights));
      const __m512i wide = _mm512_maskz_cvtepu8_epi32(0xffff, bytes);
      *sums += (Sums)_mm512_madd_epi16(wide, _mm512_set1_epi32(static_cast<uint16_t>(*x)));
    } else {
      for (int i = 0; i < kInputs; i += 4) {
        int32_t four;
        std::memcpy(&four, x + i, sizeof(four));
        Sums column;
        std::memcpy(&column, weights + i * kOutputs, sizeof(column));
        *sums = Dot(*sums, column, Sums{} + four);
      }
    }
  }

 private:
  static Sums Dot(Sums sums, Sums weights, Sums inputs) {
    if constexpr (kOutputs == 4) return (Sums)_mm_dpbusd_epi32((__m128i)sums, (__m128i)weights, (__m128i)inputs);
    if constexpr (kOutputs == 8) {
      return (Sums)_mm256_dpbusd_epi32((__m256i)sums, (__m256i)weights, (__m256i)inputs);
    }
    if constexpr (kOutputs == 16) {
      return (Sums)_mm512_dpbusd_epi32((__m512i)sums, (__m512i)weights, (__m512i)inputs);
    }
  }
#else
  static constexpr bool kIsSupported = false;

  static void Add(const uint8_t*, const int8_t*, Sums*) {}
#endif
};

// --- Matrices ---

// `copies` of a matrix of random blocks, as many as make up a model, which are multiplied in turns.
template <class Kernel, int kOutputs, int kInputs>
class Blocks {
 public:
  using Number = typename Kernel::Number;
  using Input = std::conditional_t<std::is_same_v<Number, float>, float, int8_t>;
  using Output = std::conditional_t<std::is_same_v<Number, float>, float, int32_t>;

  Blocks(const Shape& shape, double density)
      : rows_((shape.outputs + kOutputs - 1) / kOutputs), copies_(CopiesOf(shape)) {
    const int columns = (shape.inputs + kInputs - 1) / kInputs;
    std::mt19937 random(1);
    std::vector<int> places(static_cast<size_t>(rows_ * columns));
    for (size_t i = 0; i < places.size(); ++i) places[i] = static_cast<int>(i);
    std::shuffle(places.begin(), places.end(), random);
    places.resize(static_cast<size_t>(density * static_cast<double>(places.size()) + 0.5));
    std::sort(places.begin(), places.end());
    starts_.assign(1, 0);
    for (int place : places) {
      while (static_cast<int>(starts_.size()) <= place / columns) starts_.push_back(inputs_.size());
      inputs_.push_back(static_cast<uint16_t>(place % columns));
    }
    starts_.resize(static_cast<size_t>(rows_) + 1, inputs_.size());
    x_.resize(static_cast<size_t>(columns * kInputs));
    for (Input& value : x_) value = static_cast<Input>(static_cast<int>(random() % 255) - 127);
    y_.resize(static_cast<size_t>(rows_ * kOutputs));
    bytes_ = tfopt::RoundUp(inputs_.size() * kSize * sizeof(Number), tfopt::kAlignment);
    weights_ = tfopt::AlignedFloats(copies_ * bytes_ / sizeof(float));
    for (size_t i = 0; i < inputs_.size() * kSize; ++i) {
      const Number weight = static_cast<Number>(random() % 256);
      for (size_t copy = 0; copy < copies_; ++copy) Copy(copy)[i] = weight;
    }
  }

  void Run(size_t copy) {
    const Number* weights = Copy(copy);
    for (int row = 0; row < rows_; ++row) {
      typename Kernel::Sums sums[kChains] = {};
      const size_t end = starts_[static_cast<size_t>(row) + 1];
      size_t block = starts_[static_cast<size_t>(row)];
      for (; block + kChains <= end; block += kChains) {
#pragma GCC unroll 4
        for (size_t chain = 0; chain < kChains; ++chain) Add(&weights, block + chain, &sums[chain]);
      }
      for (; block < end; ++block) Add(&weights, block, &sums[0]);
      const typename Kernel::Sums sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
      std::memcpy(y_.data() + row * kOutputs, &sum, sizeof(sum));
    }
  }

  // Whether the last product is the right one: weights and inputs are integers small enough for every sum.
  bool IsRight() {
    std::vector<Output> expected(y_.size());
    const Number* weights = Copy(0);
    for (int row = 0; row < rows_; ++row) {
      for (size_t b = starts_[static_cast<size_t>(row)]; b < starts_[static_cast<size_t>(row) + 1]; ++b) {
        for (int o = 0; o < kOutputs; ++o) {
          for (int i = 0; i < kInputs; ++i) {
            expected[static_cast<size_t>(row * kOutputs + o)] +=
                static_cast<Output>(weights[Kernel::Place(o, i)]) *
                static_cast<Output>(x_[static_cast<size_t>(inputs_[b] * kInputs + i)]);
          }
        }
        weights += kSize;
      }
    }
    return y_ == expected;
  }

  size_t copies() const { return copies_; }

 private:
  static constexpr size_t kSize = size_t{kOutputs} * kInputs;

  Number* Copy(size_t copy) {
    return reinterpret_cast<Number*>(reinterpret_cast<char*>(weights_.data()) + copy * bytes_);
  }
  void Add(const Number** weights, size_t block, typename Kernel::Sums* sums) {
    Kernel::Add(*weights, x_.data() + inputs_[block] * kInputs, sums);
    *weights += kSize;
  }

  int rows_;
  size_t copies_, bytes_;
  std::vector<size_t> starts_;
  std::vector<uint16_t> inputs_;
  std::vector<Input> x_;
  std::vector<Output> y_;
  tfopt::AlignedFloats weights_;
};

template <class Kernel, int kOutputs, int kInputs>
void Time(benchmark::State& state, const Shape& shape, double density) {
  if (!Kernel::kIsSupported) return state.SkipWithError("not supported on this CPU");
  Blocks<Kernel, kOutputs, kInputs> blocks(shape, density);
  blocks.Run(0);
  if (!blocks.IsRight()) return state.SkipWithError("the result is wrong");
  size_t copy = 0;
  for (auto _ : state) {
    blocks.Run(copy);
    benchmark::ClobberMemory();
    if (++copy == blocks.copies()) copy = 0;
  }
}

template <template <int, int> class Kernel, int kOutputs, int kInputs>
void Register() {
  for (const char* density : {"0.1", "0.2"}) {
    for (const Shape& shape : kShapes) {
      const std::string block = std::to_string(kOutputs) + "x" + std::to_string(kInputs);
      const std::string size = std::to_string(shape.outputs) + "x" + std::to_string(shape.inputs);
      const std::string name = "tfopt/" + block + " at " + density + "/" +
                               Kernel<kOutputs, kInputs>::kType + "/" + shape.model + "/" + size;
      benchmark::RegisterBenchmark(name.c_str(), Time<Kernel<kOutputs, kInputs>, kOutputs, kInputs>,
                                   shape, std::stod(density));
    }
  }
}

}  // namespace
}  // namespace benchmarks

int main(int argc, char** argv) {
  using namespace benchmarks;
  Register<Float32, 16, 1>();
  Register<Float32, 8, 1>();
  Register<Float32, 32, 1>();
  Register<Float32, 4, 4>();
  Register<Float32, 16, 4>();
  Register<Int8, 8, 4>();
  Register<Int8, 16, 4>();
  Register<Int8, 4, 4>();
  Register<Int8, 16, 1>();
  benchmark::AddCustomContext("library_version", "");
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
