#include "shape_context.h"

#include <string>
#include <utility>

namespace tfopt {

ShapeContext::ShapeContext(TF_ShapeInferenceContext* context, TF_Status* outcome)
    : context_(context), outcome_(outcome), status_(TF_NewStatus()) {}

Status ShapeContext::Outcome() const {
  if (TF_GetCode(status_.get()) == TF_OK) return {};
  return Status::Invalid(TF_Message(status_.get()));
}

ShapeOwner ShapeContext::InputShape(int input) const {
  ShapeOwner shape(TF_NewShapeHandle());
  TF_ShapeInferenceContextGetInput(context_, input, shape.get(), status_.get());
  return shape;
}

int ShapeContext::inputs() const {
  return static_cast<int>(TF_ShapeInferenceContextNumInputs(context_));
}

int64_t ShapeContext::Rank(int input) const {
  const ShapeOwner shape = InputShape(input);
  if (!TF_ShapeInferenceContextRankKnown(context_, shape.get())) return kUnknown;
  return TF_ShapeInferenceContextRank(context_, shape.get());
}

int64_t ShapeContext::Dim(int input, int axis) const {
  if (Rank(input) <= axis) return kUnknown;
  const ShapeOwner shape = InputShape(input);
  const DimensionOwner dim(TF_NewDimensionHandle());
  TF_ShapeInferenceContextDim(context_, shape.get(), axis, dim.get());
  return TF_DimensionHandleValueKnown(dim.get()) ? TF_DimensionHandleValue(dim.get()) : kUnknown;
}

Status ShapeContext::ExpectRank(int input, const char* name, int64_t rank) const {
  const int64_t given = Rank(input);
  if (given == kUnknown || given == rank) return {};
  return Mismatch(name, "rank " + std::to_string(rank), "rank " + std::to_string(given));
}

Status ShapeContext::SetOutput(int output, const Shape& shape) {
  // The API cannot make a dimension, but vectors of one (size -1: not known), and concatenates them.
  ShapeOwner whole(TF_ShapeInferenceContextScalar(context_));
  for (int64_t size : shape) {
    const ShapeOwner vector(
        TF_ShapeInferenceContextVectorFromSize(context_, static_cast<size_t>(size)));
    ShapeOwner longer(TF_NewShapeHandle());
    TF_ShapeInferenceContextConcatenateShapes(context_, whole.get(), vector.get(), longer.get(),
                                              status_.get());
    TFOPT_RETURN_IF_ERROR(Outcome());
    whole = std::move(longer);
  }
  TF_ShapeInferenceContextSetOutput(context_, output, whole.get(), status_.get());
  return Outcome();
}

Status ShapeContext::SetUnknown() {
  TF_ShapeInferenceContextSetUnknownShape(context_, status_.get());
  return Outcome();
}

void ShapeContext::Fail(TF_Code code, const std::string& message) {
  TF_SetStatus(outcome_, code, message.c_str());
}

}  // namespace tfopt
