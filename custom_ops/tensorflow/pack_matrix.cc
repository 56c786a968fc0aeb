// Tfopt>PackMatrix: a kernel in the layout that the matrix kernels read.
#include "packed_matrix.h"
#include "register.h"
#include "values.h"

namespace tfopt {
namespace {

class PackMatrixKernel {
 public:
  static Status InferShapes(ShapeContext& context) {
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(0, "kernel", 2));
    return context.SetOutput(0, {kUnknown});
  }

  Status Init(Attributes&) { return {}; }

  Status Compute(KernelContext& context) const {
    Input<float> kernel;
    TFOPT_RETURN_IF_ERROR(context.Read(0, "kernel", {"inputs", "outputs"}, &kernel));
    int inputs = 0, outputs = 0;
    TFOPT_RETURN_IF_ERROR(ToInt("kernel", "input width", kernel.shape[0], &inputs));
    TFOPT_RETURN_IF_ERROR(ToInt("kernel", "output width", kernel.shape[1], &outputs));
    size_t bytes = 0;
    if (!PackedMatrixBytes(inputs, outputs, &bytes)) {
      return Mismatch("kernel", "widths from 1 to what memory can hold", ToString(kernel.shape));
    }
    TFOPT_RETURN_IF_ERROR(CheckFinite("kernel", kernel));
    Output<uint8_t> packed;
    TFOPT_RETURN_IF_ERROR(
        context.Allocate(0, "packed", {static_cast<int64_t>(bytes)}, &packed));
    WritePackedMatrix(kernel.data, inputs, outputs, bytes, packed.data);
    return {};
  }
};

__attribute__((constructor)) void Register() {
  RegisterOp<PackMatrixKernel>({"Tfopt>PackMatrix", {"kernel: float"}, {"packed: uint8"}, {}});
}

}  // namespace
}  // namespace tfopt
