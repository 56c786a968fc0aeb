#include "wavenet_call.h"

#include <cstring>
#include <string>
#include <vector>

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
  const Shape shape = {streams_.batch, static_cast<int64_t>(model_.state_bytes)};
  Input<uint8_t> state;
  TFOPT_RETURN_IF_ERROR(context.Read(1, "state", {"batch", "bytes"}, &state));
  const bool zero = state.shape[1] == 0;
  if (state.shape[0] != shape[0] || (!zero && state.shape[1] != shape[1])) {
    return Mismatch("state", "uint8 " + ToString(shape) + " or " + ToString(Shape{shape[0], 0}),
                    "uint8 " + ToString(state.shape));
  }
  if (!zero) TFOPT_RETURN_IF_ERROR(CheckWavenetState(model_, streams_.batch, state.data));
  // TensorFlow forwards only what nobody else holds, this function included. The bytes stay where they are
  // until the call ends, forwarded or not.
  const uint8_t* const old = state.data;
  state.owner.reset();
  bool forwarded = false;
  TFOPT_RETURN_IF_ERROR(
      context.ForwardOrAllocate(1, 1, "new_state", shape, &new_state_, &forwarded));
  if (zero) {
    ResetWavenetState(model_, streams_.batch, new_state_.data);
  } else if (!forwarded && new_state_.bytes() > 0) {
    std::memcpy(new_state_.data, old, new_state_.bytes());
  }
  streams_.state = new_state_.data;
  return {};
}

Status WavenetCall::InferShapes(ShapeContext& context, int64_t batch) {
  TFOPT_RETURN_IF_ERROR(context.ExpectRank(0, "packed", 1));
  TFOPT_RETURN_IF_ERROR(context.ExpectRank(1, "state", 2));
  // A state of no bytes is the zero state, which becomes one of some bytes.
  const int64_t bytes = context.Dim(1, 1) == 0 ? kUnknown : context.Dim(1, 1);
  return context.SetOutput(1, {Known(batch, context.Dim(1, 0)), bytes});
}

}  // namespace tfopt
