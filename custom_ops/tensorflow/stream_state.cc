#include "stream_state.h"

#include <cstring>

namespace tfopt {

Status AdvanceState(KernelContext& context, const StateOf& of, Output<uint8_t>* new_state) {
  const Shape shape = {of.batch, static_cast<int64_t>(of.bytes)};
  Input<uint8_t> state;
  TFOPT_RETURN_IF_ERROR(context.Read(1, "state", {"batch", "bytes"}, &state));
  const bool zero = state.shape[1] == 0;
  if (state.shape[0] != shape[0] || (!zero && state.shape[1] != shape[1])) {
    return Mismatch("state", "uint8 " + ToString(shape) + " or " + ToString(Shape{shape[0], 0}),
                    "uint8 " + ToString(state.shape));
  }
  if (!zero) TFOPT_RETURN_IF_ERROR(of.check(state.data));
  // TensorFlow forwards only what nobody else holds, this function included. The bytes stay where they are
  // until the call ends, forwarded or not.
  const uint8_t* const old = state.data;
  state.owner.reset();
  bool forwarded = false;
  TFOPT_RETURN_IF_ERROR(
      context.ForwardOrAllocate(1, 1, "new_state", shape, new_state, &forwarded));
  if (zero) {
    of.reset(new_state->data);
  } else if (!forwarded && new_state->bytes() > 0) {
    std::memcpy(new_state->data, old, new_state->bytes());
  }
  return {};
}

Status InferState(ShapeContext& context, int64_t batch) {
  TFOPT_RETURN_IF_ERROR(context.ExpectRank(1, "state", 2));
  // A state of no bytes becomes one of some bytes.
  const int64_t bytes = context.Dim(1, 1) == 0 ? kUnknown : context.Dim(1, 1);
  return context.SetOutput(1, {Known(batch, context.Dim(1, 0)), bytes});
}

}  // namespace tfopt
