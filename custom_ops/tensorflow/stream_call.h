// What the ops that run a model's streams have in common: the packed model (input 0), and the state (input 1,
// output 1).
#ifndef TFOPT_TENSORFLOW_STREAM_CALL_H_
#define TFOPT_TENSORFLOW_STREAM_CALL_H_

#include <cstdint>

#include "engine/kernels/kernels.h"
#include "engine/status.h"
#include "kernel_context.h"
#include "shape_context.h"
#include "stream_state.h"
#include "values.h"

namespace tfopt {

// In the order in which a kernel calls them. What the streams are conditioned on is read by a subclass, between
// size and state.
template <class Model, class Streams>
class StreamCall {
 public:
  // Reads the model and chooses the kernels. `observed` as of Model::Read.
  Status ReadModel(KernelContext& context, InputHistograms* observed = nullptr) {
    TFOPT_RETURN_IF_ERROR(context.Read(0, "packed", {"bytes"}, &packed_));
    TFOPT_RETURN_IF_ERROR(Model::Read(packed_.data, packed_.size(), &model_, observed));
    return ChooseKernels(&kernels_);
  }

  // How much there is to do. The input `name` says how many streams and steps.
  Status SetSize(const char* name, int64_t batch, int64_t time, int threads) {
    streams_.threads = threads;
    TFOPT_RETURN_IF_ERROR(ToInt(name, "batch", batch, &streams_.batch));
    return ToInt(name, "time", time, &streams_.time);
  }

  // Checks the state and makes the new one of it (see stream_state.h); the last of all checks.
  Status AdvanceState(KernelContext& context) {
    const StateOf of = {
        streams_.batch, model_.state_bytes,
        [this](const uint8_t* state) { return CheckState(model_, streams_.batch, state); },
        [this](uint8_t* state) { ResetState(model_, streams_.batch, state); }};
    TFOPT_RETURN_IF_ERROR(tfopt::AdvanceState(context, of, &new_state_));
    streams_.state = new_state_.data;
    return {};
  }

  const Model& model() const { return model_; }
  const Kernels& kernels() const { return *kernels_; }
  const Streams& streams() const { return streams_; }

  // Expects the ranks of packed model and state, and gives the shape of the new state.
  static Status InferShapes(ShapeContext& context, int64_t batch) {
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(0, "packed", 1));
    return InferState(context, batch);
  }

 protected:
  Model model_;
  Streams streams_;

 private:
  Input<uint8_t> packed_;
  const Kernels* kernels_ = nullptr;
  Output<uint8_t> new_state_;
};

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_STREAM_CALL_H_
