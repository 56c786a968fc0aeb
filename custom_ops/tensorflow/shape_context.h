// What a shape function sees of TensorFlow: the shapes of the inputs, as far as they are known while a
// graph is traced. It rejects ranks that no value could mend, and says what it can of the outputs.
#ifndef TFOPT_TENSORFLOW_SHAPE_CONTEXT_H_
#define TFOPT_TENSORFLOW_SHAPE_CONTEXT_H_

#include <cstdint>
#include <string>

#include "c_api.h"
#include "engine/status.h"
#include "shape.h"

namespace tfopt {

constexpr int64_t kUnknown = -1;  // rank or dimension

class ShapeContext {
 public:
  // `outcome` is what TensorFlow hears if shape inference fails.
  ShapeContext(TF_ShapeInferenceContext* context, TF_Status* outcome);

  int inputs() const;
  int64_t Rank(int input) const;
  int64_t Dim(int input, int axis) const;

  // Input `input`, called `name` in errors, has this rank or one that is not known yet.
  Status ExpectRank(int input, const char* name, int64_t rank) const;

  // Dimensions may be kUnknown.
  Status SetOutput(int output, const Shape& shape);
  // Nothing is known of any output.
  Status SetUnknown();

  void Fail(const Status& status) { Fail(TF_INVALID_ARGUMENT, status.message()); }
  void Fail(TF_Code code, const std::string& message);

 private:
  Status Outcome() const;
  ShapeOwner InputShape(int input) const;

  TF_ShapeInferenceContext* context_;
  TF_Status* outcome_;
  StatusOwner status_;
};

// The one of two dimensions that have to be equal that is known.
inline int64_t Known(int64_t a, int64_t b) { return a != kUnknown ? a : b; }

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_SHAPE_CONTEXT_H_
