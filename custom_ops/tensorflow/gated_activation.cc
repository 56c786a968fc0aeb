// Tfopt>GatedActivation: tanh of one half times sigmoid of the other, as in WaveNet (van den Oord et al.
// 2016).
#include <cmath>
#include <limits>

#include "engine/aligned.h"
#include "register.h"
#include "values.h"

namespace tfopt {
namespace {

// z[i] = tanh(x[i] + c[i]) * sigmoid(x[width + i] + c[width + i]), for vectors that need no padding.
// scratch: [3 * Padded(width)], of which the padding is finite
void GateRow(const Kernels& kernels, const float* x, const float* c, int width, float* scratch,
             float* z) {
  const int padded = Padded(width);
  float* const a = scratch;
  float* const b = a + padded;
  float* const gated = b + padded;
  for (int i = 0; i < width; ++i) {
    a[i] = x[i] + c[i];
    b[i] = x[width + i] + c[width + i];
  }
  kernels.gate(a, b, padded, gated);
  // The kernel takes NaN for a number; what comes out of the op has to show that one came in.
  for (int i = 0; i < width; ++i) {
    z[i] = std::isunordered(a[i], b[i]) ? std::numeric_limits<float>::quiet_NaN() : gated[i];
  }
}

class GatedActivationKernel {
 public:
  static Status InferShapes(ShapeContext& context) {
    const int64_t rank = Known(context.Rank(0), context.Rank(1));
    if (rank == kUnknown) return context.SetUnknown();
    if (rank == 0) return Mismatch("inputs", "rank 1 or more", "rank 0");
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(1, "conditioning", rank));
    Shape shape;
    for (int i = 0; i < rank; ++i) shape.push_back(Known(context.Dim(0, i), context.Dim(1, i)));
    if (shape.back() != kUnknown) shape.back() /= 2;
    return context.SetOutput(0, shape);
  }

  Status Init(Attributes&) { return {}; }

  Status Compute(KernelContext& context) const {
    Input<float> inputs, conditioning;
    TFOPT_RETURN_IF_ERROR(context.Read(0, "inputs", &inputs));
    if (inputs.shape.empty() || inputs.shape.back() % 2 != 0) {
      return Mismatch("inputs", "float32 [..., an even number of channels]",
                      ToString(inputs.shape));
    }
    const std::vector<Dim> same(inputs.shape.begin(), inputs.shape.end());
    TFOPT_RETURN_IF_ERROR(context.Read(1, "conditioning", same, &conditioning));
    Shape shape = inputs.shape;
    shape.back() /= 2;
    int width = 0;
    TFOPT_RETURN_IF_ERROR(ToInt("inputs", "number of channels", 2 * shape.back(), &width));
    width /= 2;
    const Kernels* kernels = nullptr;
    TFOPT_RETURN_IF_ERROR(ChooseKernels(&kernels));
    Output<float> outputs;
    TFOPT_RETURN_IF_ERROR(context.Allocate(0, "outputs", shape, &outputs));

    const size_t rows = width == 0 ? 0 : outputs.size() / static_cast<size_t>(width);
    const size_t padded = static_cast<size_t>(Padded(width));
    AlignedFloats scratch(3 * padded);
    for (size_t row = 0; row < rows; ++row) {
      const size_t start = row * static_cast<size_t>(width);
      GateRow(*kernels, inputs.data + 2 * start, conditioning.data + 2 * start, width,
              scratch.data(), outputs.data + start);
    }
    return {};
  }
};

__attribute__((constructor)) void Register() {
  RegisterOp<GatedActivationKernel>({"Tfopt>GatedActivation",
                                     {"inputs: float", "conditioning: float"},
                                     {"outputs: float"},
                                     {}});
}

}  // namespace
}  // namespace tfopt
