#include "packed_matrix.h"

#include <string>
#include <vector>

#include "engine/packing/layout.h"
#include "engine/packing/matrix.h"
#include "engine/packing/packed_model.h"
#include "shape.h"

namespace tfopt {
namespace {

// Two integers: inputs, outputs.
constexpr size_t kIntegers = 2;
// What is left of the integers so that padding an output count cannot overflow.
constexpr int kLargest = 1 << 30;

}  // namespace

bool PackedMatrixBytes(int inputs, int outputs, size_t* bytes) {
  if (inputs < 1 || inputs > kLargest || outputs < 1 || outputs > kLargest) return false;
  Layout layout(nullptr, HeaderBytes(kIntegers));
  layout.NextMatrix(inputs, Padded(outputs));
  *bytes = layout.bytes();
  return !layout.overflowed();
}

void WritePackedMatrix(const float* kernel, int inputs, int outputs, size_t bytes,
                       uint8_t* packed) {
  WriteHeader(PackedKind::kMatrix, {inputs, outputs}, bytes, packed);
  PackMatrix(kernel, outputs, inputs, {1, outputs},
             reinterpret_cast<float*>(packed + HeaderBytes(kIntegers)));
}

Status ReadPackedMatrix(const char* name, const uint8_t* packed, size_t bytes, int inputs,
                        int outputs, Matrix* matrix) {
  std::vector<int32_t> given;
  const Status header = ReadHeader(PackedKind::kMatrix, packed, bytes, &given);
  if (!header.ok()) return Status::Invalid(std::string(name) + ": " + header.message());
  const std::string expected = "a packed matrix " + ToString(Shape{inputs, outputs});
  if (given.size() != kIntegers || given[0] != inputs || given[1] != outputs) {
    return Mismatch(name, expected, ToString(Shape(given.begin(), given.end())));
  }
  size_t needed = 0;
  if (!PackedMatrixBytes(inputs, outputs, &needed) || needed != bytes) {
    return Mismatch(name, expected + " in " + std::to_string(needed) + " bytes",
                    std::to_string(bytes) + " bytes");
  }
  *matrix = Layout(packed, HeaderBytes(kIntegers)).NextMatrix(inputs, Padded(outputs));
  return {};
}

}  // namespace tfopt
