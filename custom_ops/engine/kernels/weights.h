// How the weights of a matrix are stored, and what a vector becomes before it is multiplied with them.
//
// float32   a chain of multiply-adds for each output.
// bfloat16  Weights are rounded to bfloat16 (to nearest, ties to even), and so are the inputs of dense matrices;
//           sums are float32, two for an output of a narrow matrix on some levels.
// int8      A scale for each output, so that its largest weight is 127; a scale for each vector of inputs, so
//           that its largest number is 127, or one given for all (calibrated), beyond which inputs saturate.
// int16     Likewise, with inputs up to 4095, and weights as large as their sum times that fits into 32 bits:
//           no sum can overflow.
//
// Of int8, what is stored of a weight is 128 more, and what that adds to a sum is taken back: CPUs that multiply
// bytes want one side without a sign.
//
// Integers are summed exactly, and all that is rounded is rounded by single operations in one order, so that
// results are the same to the last bit on every instruction set.
#ifndef TFOPT_ENGINE_KERNELS_WEIGHTS_H_
#define TFOPT_ENGINE_KERNELS_WEIGHTS_H_

#include <cstddef>
#include <cstdint>

namespace tfopt {

enum class WeightType : int32_t { kFloat32 = 0, kBfloat16 = 1, kInt16 = 2, kInt8 = 3 };
constexpr int kWeightTypes = 4;

constexpr bool IsInteger(WeightType type) {
  return type == WeightType::kInt16 || type == WeightType::kInt8;
}

// Bytes of a weight.
constexpr int WeightBytes(WeightType type) {
  return type == WeightType::kFloat32 ? 4 : type == WeightType::kInt8 ? 1 : 2;
}

// Inputs whose weights for an output stand side by side: four bytes of them.
constexpr int InputsPerGroup(WeightType type) { return 4 / WeightBytes(type); }

constexpr int InputGroups(WeightType type, int inputs) {
  return (inputs + InputsPerGroup(type) - 1) / InputsPerGroup(type);
}

// Outputs of a block of a block-sparse matrix, which spans one group of inputs where weights are bytes, else one
// input. There are no block-sparse matrices of int16.
constexpr int OutputsPerBlock(WeightType type) { return type == WeightType::kInt8 ? 8 : 16; }
constexpr int InputsPerBlock(WeightType type) { return type == WeightType::kInt8 ? 4 : 1; }

// The largest integer that an input becomes.
constexpr int LargestInput(WeightType type) { return type == WeightType::kInt8 ? 127 : 4095; }

// What a stored weight of int8 has on top.
constexpr int kInt8Bias = 128;

class InputHistogram;  // input_histogram.h

// A packed matrix (see packing/matrix.h), owned by somebody else.
//
// Tiles of 64 outputs follow one another, each [groups of inputs, 64, inputs of a group]; the last tile is as
// wide as the outputs left over, padded to a multiple of 16. Hence any number of whole tiles is a matrix too.
struct Matrix {
  const void* weights = nullptr;  // aligned to 64 bytes
  int inputs = 0;
  int outputs = 0;  // padded
  WeightType type = WeightType::kFloat32;
  // Of integers:
  const float* scales = nullptr;  // [outputs]: what a weight of 1 is
  float input_scale = 0.0f;       // what an input of 1 is; 0: each vector has its own
  // Of a block-sparse matrix, whose weights are those of its blocks alone, [outputs, inputs] of each, one block
  // after the other. A row of blocks is for the same outputs.
  const uint32_t* block_starts = nullptr;  // [rows + 1]: the first block of each row
  const uint16_t* block_inputs = nullptr;  // [blocks]: which inputs, counted in InputsPerBlock
  InputHistogram* observer = nullptr;      // counts the vectors that it multiplies, where somebody asks
};

// Bytes of its weights. The first block is not number 0 where this is a part of a matrix.
inline size_t BytesOf(const Matrix& w) {
  if (w.block_starts == nullptr) {
    return size_t{4} * static_cast<size_t>(InputGroups(w.type, w.inputs)) *
           static_cast<size_t>(w.outputs);
  }
  const int rows = w.outputs / OutputsPerBlock(w.type);
  const int weights = OutputsPerBlock(w.type) * InputsPerBlock(w.type);
  return size_t{w.block_starts[rows] - w.block_starts[0]} *
         static_cast<size_t>(weights * WeightBytes(w.type));
}

// What belongs to a vector of integers.
struct IntegerVector {
  float scale = 0.0f;  // what 1 is
  int32_t sum = 0;     // of all its numbers
};

// Vectors as `prepare` of a level made them for matrices of one type, for the same level's `matmul`.
struct Operand {
  const void* data = nullptr;
  ptrdiff_t stride = 0;                    // bytes from one vector to the next
  const IntegerVector* integers = nullptr;  // [vectors]
};

// Bytes that a prepared vector takes at most.
constexpr ptrdiff_t OperandBytes(int inputs) {
  return (ptrdiff_t{inputs} * 4 + 63) / 64 * 64;
}

}  // namespace tfopt

#endif  // TFOPT_ENGINE_KERNELS_WEIGHTS_H_
