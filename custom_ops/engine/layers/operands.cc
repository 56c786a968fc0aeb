#include "engine/layers/operands.h"

#include "engine/kernels/input_histogram.h"

namespace tfopt {

Operands::Operands(WeightType type, int columns, int inputs) : stride_(OperandBytes(inputs)) {
  if (type == WeightType::kFloat32) return;
  vectors_ = AlignedFloats(static_cast<size_t>(columns) * static_cast<size_t>(stride_) /
                           sizeof(float));
  integers_.resize(static_cast<size_t>(columns));
}

Operand Operands::Prepare(const Kernels& kernels, const Matrix& w, ConstColumns x, int columns) {
  if (w.observer != nullptr) {
    for (int c = 0; c < columns; ++c) w.observer->Add(x.data + c * x.stride, w.inputs);
  }
  const MatrixKernels& of = kernels.Of(w);
  if (of.prepare == nullptr) return FloatOperand(x);
  char* const vectors = reinterpret_cast<char*>(vectors_.data());
  for (int c = 0; c < columns; ++c) {
    of.prepare(x.data + c * x.stride, w.inputs, w.input_scale, vectors + c * stride_,
               &integers_[static_cast<size_t>(c)]);
  }
  return {vectors, stride_, integers_.data()};
}

Operand Operands::PrepareAgain(const Kernels& kernels, const Matrix& w, ConstColumns x, int columns,
                               const Matrix& other, Operand prepared) {
  const bool same = kernels.Of(w).prepare == kernels.Of(other).prepare &&
                    w.input_scale == other.input_scale && w.observer == nullptr;
  return same ? prepared : Prepare(kernels, w, x, columns);
}

}  // namespace tfopt
