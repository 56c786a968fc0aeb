#include "engine/packing/layout.h"

#include <algorithm>
#include <string>

#include "engine/checked.h"

namespace tfopt {
namespace {

// Of more inputs a sum of integers might not fit into 32 bits.
constexpr int kMostIntegerInputs = 1 << 16;

// Whether the blocks of a matrix are inside it.
bool BlocksFit(const Matrix& w, uint32_t blocks) {
  const int rows = w.outputs / OutputsPerBlock(w.type), each = InputsPerBlock(w.type);
  uint32_t last = 0;
  if (w.block_starts[0] != 0 || w.block_starts[rows] != blocks) return false;
  for (int row = 1; row <= rows; ++row) {
    if (w.block_starts[row] < last) return false;
    last = w.block_starts[row];
  }
  const int places = (w.inputs + each - 1) / each;
  bool fit = true;
  for (uint32_t block = 0; block < blocks; ++block) fit &= w.block_inputs[block] < places;
  return fit;
}

}  // namespace

const uint8_t* Layout::Bytes(size_t rows, size_t columns, size_t each) {
  size_t bytes = 0, end = 0;
  const size_t start = bytes_;
  if (overflowed_ || !CheckedProduct({rows, columns, each}, &bytes) ||
      !CheckedSum({start, bytes, kAlignment - 1}, &end)) {
    overflowed_ = true;
    return nullptr;
  }
  bytes_ = end / kAlignment * kAlignment;
  return buffer_ == nullptr ? nullptr : buffer_ + start;
}

const float* Layout::Floats(int rows, int columns) {
  const size_t r = static_cast<size_t>(rows), c = static_cast<size_t>(columns);
  const auto* floats = reinterpret_cast<const float*>(Bytes(r, c, sizeof(float)));
  if (blocks_ != nullptr && !overflowed_) blocks_->push_back({false, {}, floats, r * c});
  return floats;
}

Matrix Layout::NextFloatMatrix(int inputs, int padded_outputs) {
  Matrix w;
  w.weights = Floats(inputs, padded_outputs);
  w.inputs = inputs;
  w.outputs = padded_outputs;
  return w;
}

Matrix Layout::NextMatrix(int inputs, int padded_outputs) {
  Matrix w;
  w.inputs = inputs;
  w.outputs = padded_outputs;
  MatrixFormat format;
  if (format_ != nullptr) {
    w.type = format_->type;
    if (matrices_ < format_->matrices.size()) format = format_->matrices[matrices_];
  }
  ++matrices_;
  w.input_scale = format.input_scale;
  const size_t outputs = static_cast<size_t>(padded_outputs);
  if (IsInteger(w.type)) most_integer_inputs_ = std::max(most_integer_inputs_, inputs);
  if (format.blocks == MatrixFormat::kDense) {
    w.weights = Bytes(static_cast<size_t>(InputGroups(w.type, inputs)), outputs, 4);
  } else {
    LaySparse(format.blocks, &w);
  }
  if (IsInteger(w.type)) {
    w.scales = reinterpret_cast<const float*>(Bytes(1, outputs, sizeof(float)));
  }
  if (histograms_ != nullptr) w.observer = &histograms_->emplace_back();
  if (blocks_ != nullptr && !overflowed_) blocks_->push_back({true, w, nullptr, 0});
  return w;
}

void Layout::LaySparse(int blocks, Matrix* w) {
  const size_t count = static_cast<size_t>(blocks);
  const int rows = w->outputs / OutputsPerBlock(w->type);
  const int weights = OutputsPerBlock(w->type) * InputsPerBlock(w->type);
  w->weights = Bytes(count, static_cast<size_t>(weights * WeightBytes(w->type)), 1);
  w->block_starts = reinterpret_cast<const uint32_t*>(
      Bytes(static_cast<size_t>(rows) + 1, sizeof(uint32_t), 1));
  w->block_inputs = reinterpret_cast<const uint16_t*>(Bytes(count, sizeof(uint16_t), 1));
  // Who reads has made sure that all of it is there; who writes does not ask for the status.
  if (buffer_ != nullptr && !overflowed_) {
    damaged_ |= !BlocksFit(*w, static_cast<uint32_t>(blocks));
  }
}

Status Layout::status() const {
  if (overflowed_) return Status::Invalid("config: expected a model that fits into memory");
  if (most_integer_inputs_ > kMostIntegerInputs) {
    return Status::Invalid("weights: expected at most " + std::to_string(kMostIntegerInputs) +
                           " inputs of a matrix of integers, got " +
                           std::to_string(most_integer_inputs_));
  }
  if (format_ != nullptr && !format_->matrices.empty() &&
      format_->matrices.size() != matrices_) {
    return Status::Invalid("weights: expected the format of " + std::to_string(matrices_) +
                           " matrices, got that of " + std::to_string(format_->matrices.size()));
  }
  if (damaged_) return Status::Invalid("packed: expected blocks inside their matrices");
  return {};
}

}  // namespace tfopt
