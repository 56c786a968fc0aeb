#include "engine/packing/weight_format.h"

#include <cmath>
#include <cstddef>
#include <cstring>
#include <string>

namespace tfopt {
namespace {

constexpr size_t kBegin = 2, kOfMatrix = 2;  // integers

// Nothing that a network computes is told from zero below this, and its inverse is finite.
constexpr float kLeastScale = 0x1p-100f;

Status Wrong(const std::string& what, const std::string& expected, const std::string& given) {
  return Status::Invalid("packed: " + what + ": expected " + expected + ", got " + given);
}

Status CheckMatrix(WeightType type, const MatrixFormat& matrix) {
  if (matrix.blocks < MatrixFormat::kDense) {
    return Wrong("blocks of a matrix", "at least -1", std::to_string(matrix.blocks));
  }
  if (matrix.blocks != MatrixFormat::kDense && type == WeightType::kInt16) {
    return Wrong("blocks of a matrix of int16", "-1", std::to_string(matrix.blocks));
  }
  const float scale = matrix.input_scale;
  if (!IsInteger(type) && scale != 0.0f) {
    return Wrong("input scale of a matrix of floats", "0", std::to_string(scale));
  }
  if (IsInputScale(scale)) return {};
  return Wrong("input scale of a matrix", kInputScales, std::to_string(scale));
}

}  // namespace

bool IsInputScale(float scale) {
  return scale == 0.0f || (std::isfinite(scale) && scale >= kLeastScale);
}

std::vector<int32_t> WeightFormat::ToIntegers() const {
  std::vector<int32_t> integers = {static_cast<int32_t>(type),
                                   static_cast<int32_t>(matrices.size())};
  for (const MatrixFormat& matrix : matrices) {
    int32_t bits = 0;
    std::memcpy(&bits, &matrix.input_scale, sizeof(bits));
    integers.push_back(matrix.blocks);
    integers.push_back(bits);
  }
  return integers;
}

Status WeightFormat::TakeIntegers(std::vector<int32_t>* integers, WeightFormat* format) {
  const size_t given = integers->size();
  if (given < kBegin) {
    return Wrong("integers", "at least " + std::to_string(kBegin), std::to_string(given));
  }
  const int32_t type = (*integers)[0], count = (*integers)[1];
  if (type < 0 || type >= kWeightTypes) {
    return Wrong("type of the weights", "from 0 to " + std::to_string(kWeightTypes - 1),
                 std::to_string(type));
  }
  if (count < 0 || static_cast<size_t>(count) > (given - kBegin) / kOfMatrix) {
    return Wrong("matrices", "as many as there are integers for", std::to_string(count));
  }
  format->type = static_cast<WeightType>(type);
  format->matrices.resize(static_cast<size_t>(count));
  const int32_t* next = integers->data() + kBegin;
  for (MatrixFormat& matrix : format->matrices) {
    matrix.blocks = *next++;
    std::memcpy(&matrix.input_scale, next++, sizeof(float));
    TFOPT_RETURN_IF_ERROR(CheckMatrix(format->type, matrix));
  }
  integers->erase(integers->begin(), integers->begin() + (next - integers->data()));
  return {};
}

}  // namespace tfopt
