// What the ops that run a WaveRNN have in common.
#ifndef TFOPT_TENSORFLOW_WAVERNN_CALL_H_
#define TFOPT_TENSORFLOW_WAVERNN_CALL_H_

#include "engine/models/wavernn.h"
#include "engine/status.h"
#include "kernel_context.h"
#include "stream_call.h"

namespace tfopt {

class WavernnCall : public StreamCall<Wavernn, WavernnStreams> {
 public:
  // Reads what a single step is conditioned on, finite: inputs mels [batch, mel channels] and aux
  // [batch, aux parts * aux channels].
  Status ReadRows(KernelContext& context, int mels, int aux);

  // Reads what the steps are conditioned on, finite: inputs mels [batch, time, mel channels], aux
  // [batch, frames, aux parts * aux channels] and offset [], of the first step in its frame.
  Status ReadFrames(KernelContext& context, int mels, int aux, int offset, int hop_length);

  // All of a teacher-forced call behind ReadModel: inputs fed, targets, mels, aux and offset, output logits.
  Status Feed(KernelContext& context, int hop_length, int threads);
  static Status InferFedShapes(ShapeContext& context);

 private:
  Status CheckConditioning();

  Input<float> mels_, aux_, fed_;
  Input<int32_t> targets_;
  Output<float> logits_;
};

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_WAVERNN_CALL_H_
