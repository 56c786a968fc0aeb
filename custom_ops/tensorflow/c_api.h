// TensorFlow's stable C API, the only part of TensorFlow that the ops use: a library built once against it
// runs on 2.14 to 2.21. All of its headers come in here, and its pointers are given owners.
#ifndef TFOPT_TENSORFLOW_C_API_H_
#define TFOPT_TENSORFLOW_C_API_H_

#include <tensorflow/c/kernels.h>
#include <tensorflow/c/ops.h>
#include <tensorflow/c/tf_status.h>
#include <tensorflow/c/tf_tensor.h>

#include <memory>

namespace tfopt {

struct DeleteWithCApi {
  void operator()(TF_Tensor* tensor) const { TF_DeleteTensor(tensor); }
  void operator()(TF_Status* status) const { TF_DeleteStatus(status); }
  void operator()(TF_ShapeHandle* shape) const { TF_DeleteShapeHandle(shape); }
  void operator()(TF_DimensionHandle* dim) const { TF_DeleteDimensionHandle(dim); }
};

using TensorOwner = std::unique_ptr<TF_Tensor, DeleteWithCApi>;
using StatusOwner = std::unique_ptr<TF_Status, DeleteWithCApi>;
using ShapeOwner = std::unique_ptr<TF_ShapeHandle, DeleteWithCApi>;
using DimensionOwner = std::unique_ptr<TF_DimensionHandle, DeleteWithCApi>;

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_C_API_H_
