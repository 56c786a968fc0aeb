// What a kernel sees of TensorFlow: its attributes, and the inputs and outputs of one call.
//
// Everything is checked as it is read, because eager calls run no shape function. Errors come back as
// Status and become TensorFlow's InvalidArgument.
#ifndef TFOPT_TENSORFLOW_KERNEL_CONTEXT_H_
#define TFOPT_TENSORFLOW_KERNEL_CONTEXT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "c_api.h"
#include "engine/status.h"
#include "shape.h"

namespace tfopt {

template <typename T>
constexpr TF_DataType TypeOf();
template <>
constexpr TF_DataType TypeOf<float>() { return TF_FLOAT; }
template <>
constexpr TF_DataType TypeOf<int32_t>() { return TF_INT32; }
template <>
constexpr TF_DataType TypeOf<int64_t>() { return TF_INT64; }
template <>
constexpr TF_DataType TypeOf<uint8_t>() { return TF_UINT8; }

// An input or output of a call. `data` lives as long as this.
template <typename T>
struct TensorOf {
  T* data = nullptr;
  Shape shape;
  TensorOwner owner;

  size_t size() const { return static_cast<size_t>(TF_TensorElementCount(owner.get())); }
  size_t bytes() const { return size() * sizeof(T); }
};
template <typename T>
using Input = TensorOf<const T>;
template <typename T>
using Output = TensorOf<T>;

class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction* construction);

  Status Read(const char* name, bool* value);
  // An integer in [least, most].
  Status Read(const char* name, int least, int most, int* value);
  // Integers of 32 bits.
  Status Read(const char* name, std::vector<int32_t>* values);

  // Tells TensorFlow that there will be no kernel.
  void Fail(const Status& status) { Fail(TF_INVALID_ARGUMENT, status.message()); }
  void Fail(TF_Code code, const std::string& message);

 private:
  Status Outcome() const;

  TF_OpKernelConstruction* construction_;
  StatusOwner status_;
};

class KernelContext {
 public:
  explicit KernelContext(TF_OpKernelContext* context);

  int inputs() const { return TF_NumInputs(context_); }

  // Input `index`, called `name` in errors, of any shape.
  template <typename T>
  Status Read(int index, const char* name, Input<T>* input) {
    TFOPT_RETURN_IF_ERROR(
        ReadTensor(index, name, TypeOf<T>(), nullptr, &input->owner, &input->shape));
    input->data = static_cast<const T*>(TF_TensorData(input->owner.get()));
    return {};
  }
  // The same, of a shape that fits `dims`.
  template <typename T>
  Status Read(int index, const char* name, const std::vector<Dim>& dims, Input<T>* input) {
    TFOPT_RETURN_IF_ERROR(
        ReadTensor(index, name, TypeOf<T>(), &dims, &input->owner, &input->shape));
    input->data = static_cast<const T*>(TF_TensorData(input->owner.get()));
    return {};
  }

  // Memory for output `index`, called `name` in errors.
  template <typename T>
  Status Allocate(int index, const char* name, Shape shape, Output<T>* output) {
    output->shape = std::move(shape);
    TFOPT_RETURN_IF_ERROR(
        AllocateTensor(index, name, TypeOf<T>(), sizeof(T), output->shape, &output->owner));
    output->data = static_cast<T*>(TF_TensorData(output->owner.get()));
    return {};
  }

  // As Allocate, but in the memory of input `from` where nobody else may read that any more, and where
  // its shape is the same. Nobody else: nor may this kernel hold that input.
  template <typename T>
  Status ForwardOrAllocate(int from, int index, const char* name, Shape shape, Output<T>* output,
                           bool* forwarded) {
    output->shape = std::move(shape);
    TFOPT_RETURN_IF_ERROR(
        ForwardTensor(from, index, name, sizeof(T), output->shape, &output->owner, forwarded));
    output->data = static_cast<T*>(TF_TensorData(output->owner.get()));
    return {};
  }

  // Tells TensorFlow that the call has failed.
  void Fail(const Status& status) { Fail(code_, status.message()); }
  void Fail(TF_Code code, const std::string& message);

 private:
  Status Outcome();
  Status ReadTensor(int index, const char* name, TF_DataType type, const std::vector<Dim>* expected,
                    TensorOwner* owner, Shape* shape);
  Status AllocateTensor(int index, const char* name, TF_DataType type, size_t element_bytes,
                        const Shape& shape, TensorOwner* owner);
  Status ForwardTensor(int from, int index, const char* name, size_t element_bytes,
                       const Shape& shape, TensorOwner* owner, bool* forwarded);

  TF_OpKernelContext* context_;
  StatusOwner status_;
  TF_Code code_ = TF_INVALID_ARGUMENT;  // of a failure, unless TensorFlow itself gave another
};

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_KERNEL_CONTEXT_H_
