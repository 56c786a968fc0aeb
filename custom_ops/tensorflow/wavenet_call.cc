#include "wavenet_call.h"

#include <vector>

#include "stream_state.h"
#include "values.h"

namespace tfopt {

Status WavenetCall::ReadModel(KernelContext& context) {
  TFOPT_RETURN_IF_ERROR(context.Read(0, "packed", {"bytes"}, &packed_));
  TFOPT_RETURN_IF_ERROR(Wavenet::Read(packed_.data, packed_.size(), &model_));
  return ChooseKernels(&kernels_);
}

Status WavenetCall::SetSize(const char* name, int64_t batch, int64_t time, int threads) {
  streams_.threads = threads;
  TFOPT_RETURN_IF_ERROR(ToInt(name, "batch", batch, &streams_.batch));
  return ToInt(name, "time", time, &streams_.time);
}

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

Status WavenetCall::AdvanceState(KernelContext& context) {
  const StateOf of = {
      streams_.batch, model_.state_bytes,
      [this](const uint8_t* state) { return CheckState(model_, streams_.batch, state); },
      [this](uint8_t* state) { ResetState(model_, streams_.batch, state); }};
  TFOPT_RETURN_IF_ERROR(tfopt::AdvanceState(context, of, &new_state_));
  streams_.state = new_state_.data;
  return {};
}

Status WavenetCall::InferShapes(ShapeContext& context, int64_t batch) {
  TFOPT_RETURN_IF_ERROR(context.ExpectRank(0, "packed", 1));
  return InferState(context, batch);
}

}  // namespace tfopt
