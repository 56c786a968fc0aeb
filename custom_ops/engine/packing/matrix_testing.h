// Weights of packed matrices one by one, as the definition of Matrix (kernels/weights.h) places them.
#ifndef TFOPT_ENGINE_PACKING_MATRIX_TESTING_H_
#define TFOPT_ENGINE_PACKING_MATRIX_TESTING_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/kernels/kernels.h"

namespace tfopt::test {

// Where the weight from input i to padded output o is in a dense matrix, counted in weights.
inline size_t PlaceOf(WeightType type, int inputs, int padded_outputs, int i, int o) {
  const int group = InputsPerGroup(type);
  const int tile = o / kTile * kTile, width = std::min(kTile, padded_outputs - tile);
  return static_cast<size_t>((tile * InputGroups(type, inputs) + i / group * width + (o - tile)) *
                                 group +
                             i % group);
}

// The same of any matrix; -1 where it is in no block that is stored.
inline ptrdiff_t PlaceOf(const Matrix& w, int i, int o) {
  if (w.block_starts == nullptr) {
    return static_cast<ptrdiff_t>(PlaceOf(w.type, w.inputs, w.outputs, i, o));
  }
  const int outputs = OutputsPerBlock(w.type), inputs = InputsPerBlock(w.type);
  const int row = o / outputs;
  for (uint32_t block = w.block_starts[row]; block < w.block_starts[row + 1]; ++block) {
    if (w.block_inputs[block] != i / inputs) continue;
    return (ptrdiff_t{block} * outputs + o % outputs) * inputs + i % inputs;
  }
  return -1;
}

template <class Number>
Number NumberAt(const Matrix& w, ptrdiff_t place) {
  Number number;
  std::memcpy(&number, static_cast<const Number*>(w.weights) + place, sizeof(number));
  return number;
}

// The integer that is stored of a weight.
inline int StoredInteger(const Matrix& w, int i, int o) {
  const ptrdiff_t place = PlaceOf(w, i, o);
  if (place < 0) return 0;
  return w.type == WeightType::kInt16 ? NumberAt<int16_t>(w, place)
                                      : NumberAt<uint8_t>(w, place) - kInt8Bias;
}

// What a weight is multiplied as.
inline double StoredWeight(const Matrix& w, int i, int o) {
  const ptrdiff_t place = PlaceOf(w, i, o);
  if (IsInteger(w.type)) return StoredInteger(w, i, o) * double{w.scales[o]};
  if (place < 0) return 0.0;
  if (w.type == WeightType::kFloat32) return NumberAt<float>(w, place);
  const uint32_t bits = uint32_t{NumberAt<uint16_t>(w, place)} << 16;
  float weight = 0.0f;
  std::memcpy(&weight, &bits, sizeof(weight));
  return weight;
}

}  // namespace tfopt::test

#endif  // TFOPT_ENGINE_PACKING_MATRIX_TESTING_H_
