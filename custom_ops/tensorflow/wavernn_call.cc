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

Status WavernnCall::CheckConditioning() {
  TFOPT_RETURN_IF_ERROR(CheckFinite("mels", mels_));
  TFOPT_RETURN_IF_ERROR(CheckFinite("aux", aux_));
  streams_.mels = mels_.data;
  streams_.aux = aux_.data;
  return {};
}

}  // namespace tfopt
