// The weights that an op packs, as the model's TensorsOf lists them.
#ifndef TFOPT_TENSORFLOW_WEIGHTS_H_
#define TFOPT_TENSORFLOW_WEIGHTS_H_

#include <vector>

#include "engine/packing/tensors.h"
#include "engine/status.h"
#include "engine/tensor.h"
#include "kernel_context.h"

namespace tfopt {

// All inputs of a call as weights: of the expected shapes, or [0] if optional. The engine checks their values.
class WeightInputs {
 public:
  Status Read(KernelContext& context, const std::vector<ExpectedTensor>& expected);

  // They live as long as this.
  const std::vector<Tensor>& tensors() const { return tensors_; }

 private:
  std::vector<Input<float>> inputs_;
  std::vector<Tensor> tensors_;
};

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_WEIGHTS_H_
