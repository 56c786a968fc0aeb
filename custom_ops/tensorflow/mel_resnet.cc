// Tfopt>MelResnet: a WaveRNN's residual network over the frames of mel spectrograms.
#include "engine/models/packed_mel_resnet.h"
#include "register.h"
#include "values.h"

namespace tfopt {
namespace {

class MelResnetKernel {
 public:
  static Status InferShapes(ShapeContext& context) {
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(0, "packed", 1));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(1, "frames", 3));
    return context.SetOutput(0, {context.Dim(1, 0), kUnknown, kUnknown});
  }

  Status Init(Attributes&) { return {}; }

  Status Compute(KernelContext& context) const {
    Input<uint8_t> packed;
    Input<float> frames;
    MelResnet resnet;
    TFOPT_RETURN_IF_ERROR(context.Read(0, "packed", {"bytes"}, &packed));
    TFOPT_RETURN_IF_ERROR(ReadMelResnet(packed.data, packed.size(), &resnet));
    const MelResnetShape& shape = resnet.shape();
    TFOPT_RETURN_IF_ERROR(
        context.Read(1, "frames", {"batch", "n + 2 * pad", shape.mel_channels}, &frames));
    int batch = 0, given = 0;
    TFOPT_RETURN_IF_ERROR(ToInt("frames", "batch", frames.shape[0], &batch));
    TFOPT_RETURN_IF_ERROR(ToInt("frames", "number of frames", frames.shape[1], &given));
    const int count = given - 2 * shape.pad;
    if (count < 0) {
      return Mismatch("frames", "at least the " + std::to_string(2 * shape.pad) + " around them",
                      std::to_string(given));
    }
    TFOPT_RETURN_IF_ERROR(CheckFinite("frames", frames));
    const Kernels* kernels = nullptr;
    TFOPT_RETURN_IF_ERROR(ChooseKernels(&kernels));
    Output<float> outputs;
    TFOPT_RETURN_IF_ERROR(
        context.Allocate(0, "outputs", {batch, count, shape.outputs}, &outputs));
    if (outputs.size() == 0) return {};

    MelResnet::Scratch scratch(shape);
    for (ptrdiff_t row = 0; row < batch; ++row) {
      resnet.Compute(*kernels, frames.data + row * given * shape.mel_channels, count, &scratch,
                     outputs.data + row * count * shape.outputs);
    }
    return {};
  }
};

__attribute__((constructor)) void Register() {
  RegisterOp<MelResnetKernel>({"Tfopt>MelResnet",
                               {"packed: uint8", "frames: float"},
                               {"outputs: float"},
                               {}});
}

}  // namespace
}  // namespace tfopt
