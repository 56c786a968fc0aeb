// Shapes of tensors: what is expected, what is there, and how errors write them.
#ifndef TFOPT_TENSORFLOW_SHAPE_H_
#define TFOPT_TENSORFLOW_SHAPE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "c_api.h"
#include "engine/status.h"

namespace tfopt {

using Shape = std::vector<int64_t>;

// One dimension that is expected: a size, or any size, called by a name.
class Dim {
 public:
  Dim(int64_t size) : size_(size) {}          // NOLINT: lists of sizes and names are what is meant
  Dim(int size) : size_(size) {}              // NOLINT
  Dim(const char* name) : name_(name) {}      // NOLINT

  bool Fits(int64_t size) const { return name_ != nullptr || size == size_; }
  std::string ToString() const { return name_ != nullptr ? name_ : std::to_string(size_); }

 private:
  int64_t size_ = 0;
  const char* name_ = nullptr;
};

// "[2, time, 80]"
std::string ToString(const std::vector<Dim>& dims);
std::string ToString(const Shape& shape);

// "float32", as Python says it.
std::string TypeName(TF_DataType type);

// `name` is at fault: "name: expected what, got what".
Status Mismatch(const std::string& name, const std::string& expected, const std::string& given);

// Whether `shape` is what `dims` say.
bool Fits(const std::vector<Dim>& dims, const Shape& shape);

// The bytes of a tensor; false if no memory could ever hold them, or TensorFlow count them.
bool CheckedBytes(const Shape& shape, size_t element_bytes, size_t* bytes);

// A dimension as the engine counts: an int. `name` and `what` ("batch") say whose it is.
Status ToInt(const char* name, const char* what, int64_t size, int* result);

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_SHAPE_H_
