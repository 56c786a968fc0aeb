// What the ops that run a WaveNet have in common.
#ifndef TFOPT_TENSORFLOW_WAVENET_CALL_H_
#define TFOPT_TENSORFLOW_WAVENET_CALL_H_

#include <vector>

#include "engine/models/wavenet.h"
#include "engine/status.h"
#include "kernel_context.h"
#include "stream_call.h"

namespace tfopt {

class WavenetCall : public StreamCall<Wavenet, WavenetStreams> {
 public:
  // Reads conditioning of the shape `dims` and the local channels, and the speakers; both finite.
  Status ReadConditioning(KernelContext& context, int conditioning, int speaker,
                          std::vector<Dim> dims);

  // All of a teacher-forced call behind ReadModel: inputs samples, conditioning and speaker, output logits.
  Status Feed(KernelContext& context, int threads);
  static Status InferFedShapes(ShapeContext& context);

 private:
  Input<float> conditioning_, speaker_, samples_;
  Output<float> logits_;
};

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_WAVENET_CALL_H_
