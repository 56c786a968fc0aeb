#include "wavenet_call.h"

#include <vector>

#include "values.h"

namespace tfopt {

Status WavenetCall::ReadConditioning(KernelContext& context, int conditioning, int speaker,
                                     std::vector<Dim> dims) {
  dims.emplace_back(model_.config.local_channels);
  TFOPT_RETURN_IF_ERROR(context.Read(conditioning, "conditioning", dims, &conditioning_));
  TFOPT_RETURN_IF_ERROR(context.Read(
      speaker, "speaker", {streams_.batch, model_.config.global_channels}, &speaker_));
  TFOPT_RETURN_IF_ERROR(CheckFinite("conditioning", conditioning_));
  TFOPT_RETURN_IF_ERROR(CheckFinite("speaker", speaker_));
  streams_.conditioning = conditioning_.data;
  streams_.speaker = speaker_.data;
  return {};
}

Status WavenetCall::Feed(KernelContext& context, int threads) {
  TFOPT_RETURN_IF_ERROR(context.Read(2, "samples", {"batch", "time"}, &samples_));
  const int64_t batch = samples_.shape[0], time = samples_.shape[1];
  TFOPT_RETURN_IF_ERROR(SetSize("samples", batch, time, threads));
  TFOPT_RETURN_IF_ERROR(ReadConditioning(context, 3, 4, {batch, time}));
  TFOPT_RETURN_IF_ERROR(
      context.Allocate(0, "logits", {batch, time, model_.config.outputs}, &logits_));
  TFOPT_RETURN_IF_ERROR(AdvanceState(context));
  return WavenetLogits(model_, kernels(), streams_, samples_.data, logits_.data);
}

Status WavenetCall::InferFedShapes(ShapeContext& context) {
  TFOPT_RETURN_IF_ERROR(context.ExpectRank(2, "samples", 2));
  TFOPT_RETURN_IF_ERROR(context.ExpectRank(3, "conditioning", 3));
  TFOPT_RETURN_IF_ERROR(context.ExpectRank(4, "speaker", 2));
  const int64_t batch = Known(context.Dim(2, 0), context.Dim(1, 0));
  TFOPT_RETURN_IF_ERROR(InferShapes(context, batch));
  return context.SetOutput(0, {batch, Known(context.Dim(2, 1), context.Dim(3, 1)), kUnknown});
}

}  // namespace tfopt
