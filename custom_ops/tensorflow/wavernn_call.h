// What the ops that run a WaveRNN have in common: the packed model (input 0), the state (input 1, output 1),
// and what the streams are conditioned on.
#ifndef TFOPT_TENSORFLOW_WAVERNN_CALL_H_
#define TFOPT_TENSORFLOW_WAVERNN_CALL_H_

#include "engine/models/wavernn.h"
#include "engine/status.h"
#include "kernel_context.h"
#include "shape_context.h"

namespace tfopt {

// In the order in which a kernel calls them.
class WavernnCall {
 public:
  // Reads the model and chooses the kernels.
  Status ReadModel(KernelContext& context);

  // How much there is to do. The input `name` says how many streams and steps.
  Status SetSize(const char* name, int64_t batch, int64_t time, int threads);

  // Reads what a single step is conditioned on, finite: inputs mels [batch, mel channels] and aux
  // [batch, aux parts * aux channels].
  Status ReadRows(KernelContext& context, int mels, int aux);

  // Reads what the steps are conditioned on, finite: inputs mels [batch, time, mel channels], aux
  // [batch, frames, aux parts * aux channels] and offset [], of the first step in its frame.
  Status ReadFrames(KernelContext& context, int mels, int aux, int offset, int hop_length);

  // Checks the state and makes the new one of it (see stream_state.h).
  Status AdvanceState(KernelContext& context);

  const Wavernn& model() const { return model_; }
  const Kernels& kernels() const { return *kernels_; }
  const WavernnStreams& streams() const { return streams_; }

  // Expects the ranks of packed model and state, and gives the shape of the new state.
  static Status InferShapes(ShapeContext& context, int64_t batch);

 private:
  Status CheckConditioning();

  Input<uint8_t> packed_;
  Wavernn model_;
  const Kernels* kernels_ = nullptr;
  Input<float> mels_, aux_;
  Output<uint8_t> new_state_;
  WavernnStreams streams_;
};

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_WAVERNN_CALL_H_
