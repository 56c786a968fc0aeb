// Matrices of every type as the kernels read them, and what their products are by definition (see weights.h).
#ifndef TFOPT_ENGINE_KERNELS_PRODUCT_TESTING_H_
#define TFOPT_ENGINE_KERNELS_PRODUCT_TESTING_H_

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <ostream>
#include <vector>

#include "engine/layers/operands.h"
#include "engine/packing/convert_matrix.h"
#include "engine/packing/matrix.h"
#include "engine/testing.h"

namespace tfopt::test {

inline size_t Size(int n) { return static_cast<size_t>(n); }

struct MatrixKind {
  WeightType type;
  bool sparse;

  bool rounds_inputs_to_bfloat16() const { return type == WeightType::kBfloat16 && !sparse; }
};

inline std::ostream& operator<<(std::ostream& stream, const MatrixKind& kind) {
  constexpr const char* kNames[] = {"Float32", "Bfloat16", "Int16", "Int8"};
  return stream << (kind.sparse ? "Sparse" : "Dense") << kNames[static_cast<int>(kind.type)];
}

// The nearest number of 8 significant bits, ties to even.
inline float RoundedToBfloat16(float x) {
  int exponent = 0;
  const float fraction = std::frexp(x, &exponent);
  return std::ldexp(std::nearbyint(fraction * 256.0f), exponent - 8);
}

// A vector as a type's products take it: `numbers` times `scale`.
struct TypedVector {
  TypedVector(MatrixKind kind, const float* x, int n, float input_scale) {
    numbers.assign(x, x + n);
    if (kind.rounds_inputs_to_bfloat16()) {
      for (double& number : numbers) number = RoundedToBfloat16(static_cast<float>(number));
    }
    if (!IsInteger(kind.type)) return;
    float largest = 0.0f;
    for (int i = 0; i < n; ++i) largest = std::max(largest, std::abs(x[i]));
    const float limit = static_cast<float>(LargestInput(kind.type));
    scale = input_scale != 0.0f ? input_scale : largest / limit;
    const float factor = input_scale != 0.0f ? 1.0f / input_scale : largest == 0.0f ? 0.0f : limit / largest;
    for (int i = 0; i < n; ++i) {
      const float scaled = x[i] * factor;
      numbers[Size(i)] = std::nearbyint(std::max(-limit, std::min(limit, scaled)));
    }
  }

  std::vector<double> numbers;
  float scale = 1.0f;
};

// A matrix converted from one of float32, as models are.
class TypedMatrix {
 public:
  // `kernel` is [inputs, outputs], `outputs` a multiple of 16.
  TypedMatrix(MatrixKind kind, const std::vector<float>& kernel, int inputs, int outputs,
              float input_scale = 0.0f) {
    AlignedFloats floats(kernel.size());
    PackMatrix(kernel.data(), outputs, inputs, {1, outputs}, floats.data());
    const Matrix from = {floats.data(), inputs, outputs};
    matrix_.inputs = inputs;
    matrix_.outputs = outputs;
    matrix_.type = kind.type;
    matrix_.input_scale = input_scale;
    if (IsInteger(kind.type)) {
      scales_.resize(Size(outputs));
      matrix_.scales = scales_.data();
    }
    size_t bytes = BytesOf(matrix_);
    if (kind.sparse) {
      const size_t blocks = CountBlocks(from, kind.type).blocks;
      const int weights = OutputsPerBlock(kind.type) * InputsPerBlock(kind.type);
      bytes = blocks * Size(weights * WeightBytes(kind.type));
      starts_.resize(Size(outputs / OutputsPerBlock(kind.type)) + 1);
      places_.resize(blocks);
      matrix_.block_starts = starts_.data();
      matrix_.block_inputs = places_.data();
    }
    weights_ = AlignedFloats(bytes / sizeof(float));
    matrix_.weights = weights_.data();
    ConvertMatrix(from, matrix_);
    numbers_.resize(kernel.size());
    kind.sparse ? ReadSparse() : ReadDense();
  }
  TypedMatrix(const TypedMatrix&) = delete;
  TypedMatrix& operator=(const TypedMatrix&) = delete;

  const Matrix& matrix() const { return matrix_; }

  // What is stored of a weight: of integers how many times its output's scale it is.
  double Stored(int input, int output) const {
    return numbers_[Size(input * matrix_.outputs + output)];
  }

  // start + W x of one output: of integers, to the last bit.
  float TimesOfIntegers(const TypedVector& x, int output, float start) const {
    double sum = 0.0;
    for (int i = 0; i < matrix_.inputs; ++i) sum += Stored(i, output) * x.numbers[Size(i)];
    // Volatile, so that it is rounded before it is added.
    const volatile float product =
        static_cast<float>(sum) * (scales_[Size(output)] * x.scale);
    return start + product;
  }

 private:
  void ReadDense() {
    const int group = InputsPerGroup(matrix_.type), groups = InputGroups(matrix_.type, matrix_.inputs);
    for (int o = 0; o < matrix_.outputs; ++o) {
      const int tile = o / kTile * kTile, width = std::min(kTile, matrix_.outputs - tile);
      for (int i = 0; i < matrix_.inputs; ++i) {
        const int place = tile * groups + i / group * width + (o - tile);
        numbers_[Size(i * matrix_.outputs + o)] = Number(place * group + i % group);
      }
    }
  }

  void ReadSparse() {
    const int outputs = OutputsPerBlock(matrix_.type), inputs = InputsPerBlock(matrix_.type);
    int place = 0;
    for (int row = 0; row < matrix_.outputs / outputs; ++row) {
      for (uint32_t block = starts_[Size(row)]; block < starts_[Size(row) + 1]; ++block) {
        for (int o = row * outputs; o < (row + 1) * outputs; ++o) {
          const int first = places_[block] * inputs;
          for (int i = first; i < first + inputs; ++i, ++place) {
            // The last block may stand for more inputs than there are.
            if (i < matrix_.inputs) numbers_[Size(i * matrix_.outputs + o)] = Number(place);
          }
        }
      }
    }
  }

  template <class T>
  double As(int place) const {
    return static_cast<const T*>(matrix_.weights)[place];
  }

  double Number(int place) const {
    switch (matrix_.type) {
      case WeightType::kFloat32: return As<float>(place);
      case WeightType::kBfloat16: {
        // The upper half of a float.
        const uint32_t bits = uint32_t{static_cast<const uint16_t*>(matrix_.weights)[place]} << 16;
        float value = 0.0f;
        std::memcpy(&value, &bits, sizeof(value));
        return value;
      }
      case WeightType::kInt16: return As<int16_t>(place);
      case WeightType::kInt8: return As<uint8_t>(place) - kInt8Bias;
    }
    return 0.0;
  }

  Matrix matrix_;
  AlignedFloats weights_;
  std::vector<float> scales_;
  std::vector<uint32_t> starts_;
  std::vector<uint16_t> places_;
  std::vector<double> numbers_;  // [inputs, outputs]
};

// Memory that is not to be written.
constexpr float kUntouched = 12345.0f;

// A matrix, vectors to multiply it with and to start from. Vectors of a kind lie further apart than they are
// long; what is between those multiplied is not a number, so that whoever reads it is noticed.
struct TypedProduct {
  static constexpr int kGap = 5;

  // `density` is the part of blocks that hold weights.
  TypedProduct(MatrixKind kind_, int inputs_, int outputs_, int columns_, uint32_t seed,
               float density = 0.4f)
      : kind(kind_),
        inputs(inputs_),
        outputs(outputs_),
        columns(columns_),
        w(kind, Kernel(seed, density), inputs, outputs),
        x(Random(Size((inputs + kGap) * columns), seed + 1)),
        start(Random(Size((outputs + kGap) * columns), seed + 2)),
        operands_(kind.type, columns, inputs) {
    for (int c = 0; c < columns; ++c) {
      std::fill_n(&x[Size(c * (inputs + kGap) + inputs)], kGap,
                  std::numeric_limits<float>::quiet_NaN());
    }
  }

  // For products of the first `count` columns.
  Operand X(const Kernels& kernels, int count) {
    return operands_.Prepare(kernels, w.matrix(), {x.data(), inputs + kGap}, count);
  }
  ConstColumns Start() const { return {start.data(), outputs + kGap}; }

  // Columns of the result, `outputs + kGap` apart.
  std::vector<float> Run(const Kernels& kernels, int count) {
    std::vector<float> y(start.size(), kUntouched);
    kernels.matmul(w.matrix(), X(kernels, count), Start(), {y.data(), outputs + kGap}, count);
    return y;
  }

  // The same by definition. `tolerance` becomes what the roundings of sums may come to: nothing of integers.
  std::vector<double> Expected(double* tolerance) const {
    std::vector<double> y(start.size(), kUntouched);
    double largest = 0.0;
    for (int c = 0; c < columns; ++c) {
      const TypedVector vector(kind, &x[Size(c * (inputs + kGap))], inputs,
                               w.matrix().input_scale);
      for (int o = 0; o < outputs; ++o) {
        const size_t place = Size(c * (outputs + kGap) + o);
        if (IsInteger(kind.type)) {
          y[place] = w.TimesOfIntegers(vector, o, start[place]);
          continue;
        }
        double sum = start[place], magnitude = std::abs(sum);
        for (int i = 0; i < inputs; ++i) {
          const double term = w.Stored(i, o) * vector.numbers[Size(i)];
          sum += term;
          magnitude += std::abs(term);
        }
        y[place] = sum;
        largest = std::max(largest, magnitude);
      }
    }
    // Every product is rounded once and every sum once, each by at most 2^-24 of the sum of absolute values.
    // Of a sparse matrix the sums of four chains and the start are added.
    *tolerance = (inputs + 5) * 0x1p-23 * largest;
    return y;
  }

  MatrixKind kind;
  int inputs, outputs, columns;
  TypedMatrix w;
  std::vector<float> x, start;

 private:
  std::vector<float> Kernel(uint32_t seed, float density) const {
    std::vector<float> kernel = Random(Size(inputs * outputs), seed);
    if (!kind.sparse) return kernel;
    const int rows = outputs / OutputsPerBlock(kind.type);
    const std::vector<float> chosen = Random(Size(inputs * rows), seed + 3);
    for (int i = 0; i < inputs; ++i) {
      for (int o = 0; o < outputs; ++o) {
        const int block = i / InputsPerBlock(kind.type) * rows + o / OutputsPerBlock(kind.type);
        if (chosen[Size(block)] >= 2.0f * density - 1.0f) kernel[Size(i * outputs + o)] = 0.0f;
      }
    }
    return kernel;
  }

  Operands operands_;
};

}  // namespace tfopt::test

#endif  // TFOPT_ENGINE_KERNELS_PRODUCT_TESTING_H_
