// What the ops that run a WaveNet have in common: the packed model (input 0), the state (input 1, output 1),
// and what the streams are conditioned on.
#ifndef TFOPT_TENSORFLOW_WAVENET_CALL_H_
#define TFOPT_TENSORFLOW_WAVENET_CALL_H_

#include <vector>

#include "engine/models/wavenet.h"
#include "engine/status.h"
#include "kernel_context.h"
#include "shape_context.h"

namespace tfopt {

// In the order in which a kernel calls them.
class WavenetCall {
 public:
  // Reads the model and chooses the kernels.
  Status ReadModel(KernelContext& context);

  // How much there is to do. The input `name` says how many streams and steps.
  Status SetSize(const char* name, int64_t batch, int64_t time, int threads);

  // Reads conditioning of the shape `dims` and the local channels, and the speakers; both finite.
  Status ReadConditioning(KernelContext& context, int conditioning, int speaker,
                          std::vector<Dim> dims);

  // Checks the state and makes the new one of it (see stream_state.h); the last of all checks.
  Status AdvanceState(KernelContext& context);

  const Wavenet& model() const { return model_; }
  const Kernels& kernels() const { return *kernels_; }
  const WavenetStreams& streams() const { return streams_; }

  // Expects the ranks of packed model and state, and gives the shape of the new state.
  static Status InferShapes(ShapeContext& context, int64_t batch);

 private:
  Input<uint8_t> packed_;
  Wavenet model_;
  const Kernels* kernels_ = nullptr;
  Input<float> conditioning_, speaker_;
  Output<uint8_t> new_state_;
  WavenetStreams streams_;
};

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_WAVENET_CALL_H_
