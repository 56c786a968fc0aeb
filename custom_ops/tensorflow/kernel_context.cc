#include "kernel_context.h"

namespace tfopt {

Attributes::Attributes(TF_OpKernelConstruction* construction)
    : construction_(construction), status_(TF_NewStatus()) {}

Status Attributes::Outcome() const {
  if (TF_GetCode(status_.get()) == TF_OK) return {};
  return Status::Invalid(TF_Message(status_.get()));
}

Status Attributes::Read(const char* name, bool* value) {
  TF_Bool given = 0;
  TF_OpKernelConstruction_GetAttrBool(construction_, name, &given, status_.get());
  *value = given != 0;
  return Outcome();
}

Status Attributes::Read(const char* name, int least, int most, int* value) {
  int64_t given = 0;
  TF_OpKernelConstruction_GetAttrInt64(construction_, name, &given, status_.get());
  TFOPT_RETURN_IF_ERROR(Outcome());
  if (given < least || given > most) {
    return Mismatch(name,
                    "an integer from " + std::to_string(least) + " to " + std::to_string(most),
                    std::to_string(given));
  }
  *value = static_cast<int>(given);
  return {};
}

Status Attributes::Read(const char* name, std::vector<int32_t>* values) {
  int32_t count = 0, total = 0;
  TF_OpKernelConstruction_GetAttrSize(construction_, name, &count, &total, status_.get());
  TFOPT_RETURN_IF_ERROR(Outcome());
  std::vector<int64_t> given(static_cast<size_t>(count));
  TF_OpKernelConstruction_GetAttrInt64List(construction_, name, given.data(), count, status_.get());
  TFOPT_RETURN_IF_ERROR(Outcome());
  values->clear();
  for (int64_t value : given) {
    if (value != static_cast<int32_t>(value)) {
      return Mismatch(name, "integers of 32 bits", std::to_string(value));
    }
    values->push_back(static_cast<int32_t>(value));
  }
  return {};
}

void Attributes::Fail(TF_Code code, const std::string& message) {
  TF_SetStatus(status_.get(), code, message.c_str());
  TF_OpKernelConstruction_Failure(construction_, status_.get());
}

KernelContext::KernelContext(TF_OpKernelContext* context)
    : context_(context), status_(TF_NewStatus()) {}

Status KernelContext::Outcome() {
  if (TF_GetCode(status_.get()) == TF_OK) return {};
  code_ = TF_GetCode(status_.get());
  return Status::Invalid(TF_Message(status_.get()));
}

Status KernelContext::ReadTensor(int index, const char* name, TF_DataType type,
                                 const std::vector<Dim>* expected, TensorOwner* owner,
                                 Shape* shape) {
  TF_Tensor* tensor = nullptr;
  TF_GetInput(context_, index, &tensor, status_.get());
  TFOPT_RETURN_IF_ERROR(Outcome());
  owner->reset(tensor);
  shape->clear();
  for (int i = 0; i < TF_NumDims(tensor); ++i) shape->push_back(TF_Dim(tensor, i));
  if (TF_TensorType(tensor) == type && (expected == nullptr || Fits(*expected, *shape))) return {};
  return Mismatch(name, TypeName(type) + (expected == nullptr ? "" : " " + ToString(*expected)),
                  TypeName(TF_TensorType(tensor)) + " " + ToString(*shape));
}

Status KernelContext::AllocateTensor(int index, const char* name, TF_DataType type,
                                     size_t element_bytes, const Shape& shape, TensorOwner* owner) {
  size_t bytes = 0;
  if (!CheckedBytes(shape, element_bytes, &bytes)) {
    return Mismatch(name, "a size that memory can hold", ToString(shape));
  }
  owner->reset(TF_AllocateOutput(context_, index, type, shape.data(),
                                 static_cast<int>(shape.size()), bytes, status_.get()));
  return Outcome();
}

Status KernelContext::ForwardTensor(int from, int index, const char* name, size_t element_bytes,
                                    const Shape& shape, TensorOwner* owner, bool* forwarded) {
  size_t bytes = 0;
  if (!CheckedBytes(shape, element_bytes, &bytes)) {
    return Mismatch(name, "a size that memory can hold", ToString(shape));
  }
  int forwarded_input = -1;
  owner->reset(TF_ForwardInputOrAllocateOutput(context_, &from, 1, index, shape.data(),
                                               static_cast<int>(shape.size()), &forwarded_input,
                                               status_.get()));
  *forwarded = forwarded_input == from;
  return Outcome();
}

void KernelContext::Fail(TF_Code code, const std::string& message) {
  TF_SetStatus(status_.get(), code, message.c_str());
  TF_OpKernelContext_Failure(context_, status_.get());
}

}  // namespace tfopt
