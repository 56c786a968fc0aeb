// Tfopt>WavernnGenerate: the whole loop of a WaveRNN, which feeds itself the samples that it draws.
#include <limits>

#include "register.h"
#include "values.h"
#include "wavernn_call.h"

namespace tfopt {
namespace {

class WavernnGenerateKernel {
 public:
  static Status InferShapes(ShapeContext& context) {
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(2, "last", 2));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(3, "mels", 3));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(4, "aux", 3));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(5, "offset", 0));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(6, "uniforms", 3));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(7, "temperature", 0));
    const int64_t batch = Known(context.Dim(2, 0), context.Dim(6, 0));
    TFOPT_RETURN_IF_ERROR(WavernnCall::InferShapes(context, batch));
    return context.SetOutput(0, {batch, Known(context.Dim(6, 1), context.Dim(3, 1))});
  }

  Status Init(Attributes& attributes) {
    TFOPT_RETURN_IF_ERROR(attributes.Read("hop_length", 1, std::numeric_limits<int>::max(),
                                          &hop_length_));
    return attributes.Read("threads", 1, kMostThreads, &threads_);
  }

  Status Compute(KernelContext& context) const {
    WavernnCall call;
    Input<float> last, uniforms;
    float temperature = 0.0f;
    TFOPT_RETURN_IF_ERROR(call.ReadModel(context));
    const WavernnConfig& config = call.model().config;
    TFOPT_RETURN_IF_ERROR(context.Read(2, "last", {"batch", config.fed()}, &last));
    const int64_t batch = last.shape[0];
    TFOPT_RETURN_IF_ERROR(
        context.Read(6, "uniforms", {batch, "time", config.uniforms()}, &uniforms));
    const int64_t time = uniforms.shape[1];
    TFOPT_RETURN_IF_ERROR(call.SetSize("uniforms", batch, time, threads_));
    TFOPT_RETURN_IF_ERROR(call.ReadFrames(context, 3, 4, 5, hop_length_));
    TFOPT_RETURN_IF_ERROR(CheckUniform("uniforms", uniforms));
    TFOPT_RETURN_IF_ERROR(ReadTemperature(context, 7, &temperature));
    Output<float> samples;
    TFOPT_RETURN_IF_ERROR(context.Allocate(0, "samples", {batch, time}, &samples));
    TFOPT_RETURN_IF_ERROR(call.AdvanceState(context));
    return GenerateWavernn(call.model(), call.kernels(), call.streams(), last.data, uniforms.data,
                           temperature, samples.data);
  }

 private:
  int hop_length_ = 1;
  int threads_ = 1;
};

__attribute__((constructor)) void Register() {
  RegisterOp<WavernnGenerateKernel>({"Tfopt>WavernnGenerate",
                                     {"packed: uint8", "state: uint8", "last: float", "mels: float",
                                      "aux: float", "offset: int32", "uniforms: float",
                                      "temperature: float"},
                                     {"samples: float", "new_state: uint8"},
                                     {"hop_length: int", "threads: int = 1"}});
}

}  // namespace
}  // namespace tfopt
