// Tfopt>WavenetGenerate: the whole loop of a WaveNet, which feeds itself the samples that it draws.
#include <string>

#include "engine/sampling/sampler.h"
#include "register.h"
#include "values.h"
#include "wavenet_call.h"

namespace tfopt {
namespace {

class WavenetGenerateKernel {
 public:
  static Status InferShapes(ShapeContext& context) {
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(2, "last", 1));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(3, "forced", 2));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(4, "conditioning", 3));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(5, "speaker", 2));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(6, "uniforms", 3));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(7, "temperature", 0));
    const int64_t batch = Known(context.Dim(2, 0), context.Dim(6, 0));
    TFOPT_RETURN_IF_ERROR(WavenetCall::InferShapes(context, batch));
    return context.SetOutput(0, {batch, Known(context.Dim(6, 1), context.Dim(4, 1))});
  }

  Status Init(Attributes& attributes) {
    return attributes.Read("threads", 1, kMostThreads, &threads_);
  }

  Status Compute(KernelContext& context) const {
    WavenetCall call;
    Input<float> last, forced, uniforms;
    float temperature = 0.0f;
    TFOPT_RETURN_IF_ERROR(call.ReadModel(context));
    TFOPT_RETURN_IF_ERROR(context.Read(2, "last", {"batch"}, &last));
    const int64_t batch = last.shape[0];
    const int per_sample = UniformsPerSample(call.model().config.output);
    TFOPT_RETURN_IF_ERROR(context.Read(6, "uniforms", {batch, "time", per_sample}, &uniforms));
    const int64_t time = uniforms.shape[1];
    TFOPT_RETURN_IF_ERROR(call.SetSize("uniforms", batch, time, threads_));
    TFOPT_RETURN_IF_ERROR(context.Read(3, "forced", {batch, "time"}, &forced));
    if (forced.shape[1] > time) {
      return Mismatch("forced", "at most " + std::to_string(time) + " samples, as many as uniforms",
                      std::to_string(forced.shape[1]));
    }
    TFOPT_RETURN_IF_ERROR(call.ReadConditioning(context, 4, 5, {batch, time}));
    TFOPT_RETURN_IF_ERROR(CheckUniform("uniforms", uniforms));
    TFOPT_RETURN_IF_ERROR(ReadTemperature(context, 7, &temperature));
    Output<float> samples;
    TFOPT_RETURN_IF_ERROR(context.Allocate(0, "samples", {batch, time}, &samples));
    TFOPT_RETURN_IF_ERROR(call.AdvanceState(context));
    return GenerateWavenet(call.model(), call.kernels(), call.streams(), last.data, forced.data,
                           static_cast<int>(forced.shape[1]), uniforms.data, temperature,
                           samples.data);
  }

 private:
  int threads_ = 1;
};

__attribute__((constructor)) void Register() {
  RegisterOp<WavenetGenerateKernel>({"Tfopt>WavenetGenerate",
                                     {"packed: uint8", "state: uint8", "last: float",
                                      "forced: float", "conditioning: float", "speaker: float",
                                      "uniforms: float", "temperature: float"},
                                     {"samples: float", "new_state: uint8"},
                                     {"threads: int = 1"}});
}

}  // namespace
}  // namespace tfopt
