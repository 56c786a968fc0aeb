#include "wavernn_call.h"

#include "values.h"

namespace tfopt {
namespace {

int AuxChannels(const WavernnConfig& config) { return config.aux_parts() * config.aux_channels; }

}  // namespace

Status WavernnCall::ReadRows(KernelContext& context, int mels, int aux) {
  const WavernnConfig& c = model_.config;
  TFOPT_RETURN_IF_ERROR(context.Read(mels, "mels", {streams_.batch, c.mel_channels}, &mels_));
  TFOPT_RETURN_IF_ERROR(context.Read(aux, "aux", {streams_.batch, AuxChannels(c)}, &aux_));
  streams_.frames = 1;
  return CheckConditioning();
}

Status WavernnCall::ReadFrames(KernelContext& context, int mels, int aux, int offset,
                               int hop_length) {
  const WavernnConfig& c = model_.config;
  Input<int32_t> place;
  TFOPT_RETURN_IF_ERROR(
      context.Read(mels, "mels", {streams_.batch, streams_.time, c.mel_channels}, &mels_));
  TFOPT_RETURN_IF_ERROR(
      context.Read(aux, "aux", {streams_.batch, "frames", AuxChannels(c)}, &aux_));
  TFOPT_RETURN_IF_ERROR(ToInt("aux", "number of frames", aux_.shape[1], &streams_.frames));
  TFOPT_RETURN_IF_ERROR(context.Read(offset, "offset", {}, &place));
  streams_.offset = *place.data;
  streams_.hop = hop_length;
  return CheckConditioning();
}

Status WavernnCall::Feed(KernelContext& context, int hop_length, int threads) {
  const WavernnConfig& config = model_.config;
  TFOPT_RETURN_IF_ERROR(context.Read(2, "fed", {"batch", "time", config.fed()}, &fed_));
  const int64_t batch = fed_.shape[0], time = fed_.shape[1];
  TFOPT_RETURN_IF_ERROR(SetSize("fed", batch, time, threads));
  TFOPT_RETURN_IF_ERROR(
      context.Read(3, "targets", {batch, config.split() ? time : 0}, &targets_));
  TFOPT_RETURN_IF_ERROR(ReadFrames(context, 4, 5, 6, hop_length));
  TFOPT_RETURN_IF_ERROR(context.Allocate(0, "logits", {batch, time, config.outputs()}, &logits_));
  TFOPT_RETURN_IF_ERROR(AdvanceState(context));
  return WavernnLogits(model_, kernels(), streams_, fed_.data, targets_.data, logits_.data);
}

Status WavernnCall::InferFedShapes(ShapeContext& context) {
  TFOPT_RETURN_IF_ERROR(context.ExpectRank(2, "fed", 3));
  TFOPT_RETURN_IF_ERROR(context.ExpectRank(3, "targets", 2));
  TFOPT_RETURN_IF_ERROR(context.ExpectRank(4, "mels", 3));
  TFOPT_RETURN_IF_ERROR(context.ExpectRank(5, "aux", 3));
  TFOPT_RETURN_IF_ERROR(context.ExpectRank(6, "offset", 0));
  const int64_t batch = Known(context.Dim(2, 0), context.Dim(1, 0));
  TFOPT_RETURN_IF_ERROR(InferShapes(context, batch));
  return context.SetOutput(0, {batch, Known(context.Dim(2, 1), context.Dim(4, 1)), kUnknown});
}

Status WavernnCall::CheckConditioning() {
  TFOPT_RETURN_IF_ERROR(CheckFinite("mels", mels_));
  TFOPT_RETURN_IF_ERROR(CheckFinite("aux", aux_));
  streams_.mels = mels_.data;
  streams_.aux = aux_.data;
  return {};
}

}  // namespace tfopt
