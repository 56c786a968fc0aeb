#include "shape.h"

#include <limits>

namespace tfopt {
namespace {

std::string InBrackets(const std::vector<std::string>& texts) {
  std::string line = "[";
  for (size_t i = 0; i < texts.size(); ++i) line += (i == 0 ? "" : ", ") + texts[i];
  return line + "]";
}

}  // namespace

std::string ToString(const std::vector<Dim>& dims) {
  std::vector<std::string> texts;
  for (const Dim& dim : dims) texts.push_back(dim.ToString());
  return InBrackets(texts);
}

std::string ToString(const Shape& shape) {
  return ToString(std::vector<Dim>(shape.begin(), shape.end()));
}

std::string TypeName(TF_DataType type) {
  switch (type) {
    case TF_FLOAT: return "float32";
    case TF_DOUBLE: return "float64";
    case TF_INT32: return "int32";
    case TF_INT64: return "int64";
    case TF_UINT8: return "uint8";
    default: return "TF_DataType " + std::to_string(type);
  }
}

Status Mismatch(const std::string& name, const std::string& expected, const std::string& given) {
  return Status::Invalid(name + ": expected " + expected + ", got " + given);
}

bool Fits(const std::vector<Dim>& dims, const Shape& shape) {
  if (dims.size() != shape.size()) return false;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (!dims[i].Fits(shape[i])) return false;
  }
  return true;
}

bool CheckedBytes(const Shape& shape, size_t element_bytes, size_t* bytes) {
  // TensorFlow ends the process over a shape whose elements it cannot count from left to right, even if a
  // later dimension is 0.
  int64_t elements = static_cast<int64_t>(element_bytes);
  for (int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(elements, size, &elements)) return false;
  }
  *bytes = static_cast<size_t>(elements);
  return true;
}

Status ToInt(const char* name, const char* what, int64_t size, int* result) {
  constexpr int kMost = std::numeric_limits<int>::max();
  if (size < 0 || size > kMost) {
    return Mismatch(name, std::string("a ") + what + " of at most " + std::to_string(kMost),
                    std::to_string(size));
  }
  *result = static_cast<int>(size);
  return {};
}

}  // namespace tfopt
