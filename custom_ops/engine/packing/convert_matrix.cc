#include "engine/packing/convert_matrix.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "engine/kernels/kernels.h"

namespace tfopt {
namespace {

// The weights of a dense matrix of float32 by input and output.
class FloatWeights {
 public:
  explicit FloatWeights(const Matrix& w) : w_(w) {}

  float operator()(int input, int output) const {
    if (input >= w_.inputs) return 0.0f;  // of a group that the inputs do not fill
    const int tile = output / kTile * kTile, width = std::min(kTile, w_.outputs - tile);
    return static_cast<const float*>(w_.weights)[ptrdiff_t{tile} * w_.inputs +
                                                 ptrdiff_t{input} * width + (output - tile)];
  }

  // Whether a block has a weight that is not zero.
  bool Any(int input, int inputs, int output, int outputs) const {
    for (int i = input; i < input + inputs; ++i) {
      for (int o = output; o < output + outputs; ++o) {
        if ((*this)(i, o) != 0.0f) return true;
      }
    }
    return false;
  }

 private:
  const Matrix& w_;
};

// Writes weights one after the other as one type.
class Writer {
 public:
  Writer(WeightType type, const void* to)
      : type_(type), next_(static_cast<char*>(const_cast<void*>(to))) {}

  // `scale` is that of the weight's output.
  void Write(float weight, float scale) {
    switch (type_) {
      case WeightType::kFloat32: return Put(weight);
      case WeightType::kBfloat16: return Put(Bfloat16(weight));
      case WeightType::kInt16: return Put(static_cast<int16_t>(Rounded(weight, scale)));
      case WeightType::kInt8:
        return Put(static_cast<uint8_t>(Rounded(weight, scale) + kInt8Bias));
    }
  }

 private:
  template <class Number>
  void Put(Number number) {
    std::memcpy(next_, &number, sizeof(number));
    next_ += sizeof(number);
  }

  static int Rounded(float weight, float scale) {
    return scale == 0.0f ? 0 : static_cast<int>(std::nearbyint(double{weight} / double{scale}));
  }

  // Weights are finite.
  static uint16_t Bfloat16(float weight) {
    uint32_t bits = 0;
    std::memcpy(&bits, &weight, sizeof(bits));
    return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
  }

  WeightType type_;
  char* next_;
};

// The next float from `scale` on of 17 significant bits. Its products with integers of 7 bits are floats, so that
// these, converted again, become what they were.
float Shortened(float scale) {
  constexpr uint32_t kRest = (1u << 7) - 1;
  uint32_t bits = 0;
  std::memcpy(&bits, &scale, sizeof(bits));
  bits = (bits + kRest) & ~kRest;
  std::memcpy(&scale, &bits, sizeof(bits));
  return scale;
}

// What 1 is of an output's integers.
float ScaleOf(const Matrix& from, int output, WeightType type) {
  const FloatWeights weight(from);
  double largest = 0.0, sum = 0.0;
  for (int i = 0; i < from.inputs; ++i) {
    const double magnitude = std::fabs(double{weight(i, output)});
    largest = std::max(largest, magnitude);
    sum += magnitude;
  }
  double scale = largest / 127.0;
  if (type == WeightType::kInt16) {
    // Rounding adds half an integer to each weight at most.
    const double most = double{std::numeric_limits<int32_t>::max()} / LargestInput(type);
    scale = std::max(largest / 32767.0, sum / (most - 0.5 * from.inputs));
  }
  // Rounded up, so that no integer becomes larger than meant.
  float rounded = static_cast<float>(scale);
  if (double{rounded} < scale) rounded = std::nextafter(rounded, std::numeric_limits<float>::max());
  return type == WeightType::kInt8 ? Shortened(rounded) : rounded;
}

void ConvertDense(const Matrix& from, const Matrix& to, const std::vector<float>& scales) {
  const FloatWeights weight(from);
  Writer writer(to.type, to.weights);
  const int group = InputsPerGroup(to.type), groups = InputGroups(to.type, to.inputs);
  for (int tile = 0; tile < to.outputs; tile += kTile) {
    const int end = std::min(tile + kTile, to.outputs);
    for (int g = 0; g < groups; ++g) {
      for (int o = tile; o < end; ++o) {
        for (int i = g * group; i < (g + 1) * group; ++i) {
          writer.Write(weight(i, o), scales[static_cast<size_t>(o)]);
        }
      }
    }
  }
}

void ConvertSparse(const Matrix& from, const Matrix& to, const std::vector<float>& scales) {
  const FloatWeights weight(from);
  Writer writer(to.type, to.weights);
  const int outputs = OutputsPerBlock(to.type), inputs = InputsPerBlock(to.type);
  auto* starts = const_cast<uint32_t*>(to.block_starts);
  auto* places = const_cast<uint16_t*>(to.block_inputs);
  uint32_t blocks = 0;
  for (int row = 0; row < to.outputs / outputs; ++row) {
    starts[row] = blocks;
    for (int place = 0; place * inputs < to.inputs; ++place) {
      if (!weight.Any(place * inputs, inputs, row * outputs, outputs)) continue;
      places[blocks++] = static_cast<uint16_t>(place);
      for (int o = row * outputs; o < (row + 1) * outputs; ++o) {
        for (int i = place * inputs; i < (place + 1) * inputs; ++i) {
          writer.Write(weight(i, o), scales[static_cast<size_t>(o)]);
        }
      }
    }
  }
  starts[to.outputs / outputs] = blocks;
}

}  // namespace

BlockCount CountBlocks(const Matrix& w, WeightType type) {
  const FloatWeights weight(w);
  const int outputs = OutputsPerBlock(type), inputs = InputsPerBlock(type);
  BlockCount count;
  for (int o = 0; o < w.outputs; o += outputs) {
    for (int i = 0; i < w.inputs; i += inputs) {
      ++count.all;
      if (weight.Any(i, inputs, o, outputs)) ++count.blocks;
    }
  }
  return count;
}

void ConvertMatrix(const Matrix& from, const Matrix& to) {
  std::vector<float> scales(static_cast<size_t>(to.outputs), 1.0f);
  if (IsInteger(to.type)) {
    for (int o = 0; o < to.outputs; ++o) {
      scales[static_cast<size_t>(o)] = ScaleOf(from, o, to.type);
    }
    std::copy(scales.begin(), scales.end(), const_cast<float*>(to.scales));
  }
  if (to.block_starts == nullptr) {
    ConvertDense(from, to, scales);
  } else {
    ConvertSparse(from, to, scales);
  }
}

}  // namespace tfopt
