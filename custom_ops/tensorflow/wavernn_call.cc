#include "wavernn_call.h"

#include "stream_state.h"
#include "values.h"

namespace tfopt {
namespace {

int AuxChannels(const WavernnConfig& config) { return config.aux_parts() * config.aux_channels; }

}  // namespace

Status WavernnCall::ReadModel(KernelContext& context) {
  TFOPT_RETURN_IF_ERROR(context.Read(0, "packed", {"bytes"}, &packed_));
  TFOPT_RETURN_IF_ERROR(Wavernn::Read(packed_.data, packed_.size(), &model_));
  return ChooseKernels(&kernels_);
}

Status WavernnCall::SetSize(const char* name, int64_t batch, int64_t time, int threads) {
  streams_.threads = threads;
  TFOPT_RETURN_IF_ERROR(ToInt(name, "batch", batch, &streams_.batch));
  return ToInt(name, "time", time, &streams_.time);
}

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

Status WavernnCall::CheckConditioning() {
  TFOPT_RETURN_IF_ERROR(CheckFinite("mels", mels_));
  TFOPT_RETURN_IF_ERROR(CheckFinite("aux", aux_));
  streams_.mels = mels_.data;
  streams_.aux = aux_.data;
  return {};
}

Status WavernnCall::AdvanceState(KernelContext& context) {
  const StateOf of = {
      streams_.batch, model_.state_bytes,
      [this](const uint8_t* state) { return CheckState(model_, streams_.batch, state); },
      [this](uint8_t* state) { ResetState(model_, streams_.batch, state); }};
  TFOPT_RETURN_IF_ERROR(tfopt::AdvanceState(context, of, &new_state_));
  streams_.state = new_state_.data;
  return {};
}

Status WavernnCall::InferShapes(ShapeContext& context, int64_t batch) {
  TFOPT_RETURN_IF_ERROR(context.ExpectRank(0, "packed", 1));
  return InferState(context, batch);
}

}  // namespace tfopt
