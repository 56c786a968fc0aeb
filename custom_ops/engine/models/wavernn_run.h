// The steps of a WaveRNN for some streams: all buffers, and nothing that is allocated later. Several threads,
// the members of a team, can share them.
//
// All members run the same steps. Each computes some tiles of every layer's outputs: of the GRUs the same
// units of every gate, so that what follows the products needs nobody else. They meet where a layer reads
// what all have made: behind each GRU and each layer. Member 0 leads and draws.
#ifndef TFOPT_ENGINE_MODELS_WAVERNN_RUN_H_
#define TFOPT_ENGINE_MODELS_WAVERNN_RUN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/aligned.h"
#include "engine/kernels/kernels.h"
#include "engine/models/wavernn.h"
#include "engine/share.h"
#include "engine/team.h"

namespace tfopt {

// The parts of a step, for timing them: what mel rows add, computed ahead; what the parts of aux add, once a
// frame; what the last sample adds; the GRUs; the fully connected layers; the output layer; the fine layers;
// drawing a sample.
enum class WavernnModule {
  kAhead, kFrame, kSample, kGru0, kGru1, kFc0, kFc1, kOutput, kFine, kSampling
};
constexpr int kWavernnModules = 10;

class WavernnRun {
 public:
  // Steps that are computed ahead for one stream; for several streams fewer, as they share the weights.
  static constexpr int kBlock = 16;

  // Prepares `batch` streams for `streams.time` steps, the first of them number `first` of the batch. With
  // more than one member, the others have to be in Work while this one runs steps.
  WavernnRun(const Wavernn& model, const Kernels& kernels, const WavernnStreams& streams, int first,
             int batch, int members = 1);

  // --- For member 0 ---

  // What the next step feeds, [fed]; Draw leaves here what it drew.
  float* fed(int stream) { return fed_.data() + ptrdiff_t{stream} * config_.fed(); }

  // Feeds that, and computes the logits that follow, of the coarse class if the output is split.
  template <class Timer>
  void Step(Timer* timer);
  // The fine logits, if fed()[0] is what a coarse class is to the network.
  template <class Timer>
  void Fine(Timer* timer);

  // The last step's logits of a stream, [coarse_outputs, padded] and [fine_outputs, padded].
  const float* logits(int stream) const {
    return logits_.data() + ptrdiff_t{stream} * Padded(config_.coarse_outputs());
  }
  const float* fine_logits(int stream) const {
    return fine_logits_.data() + ptrdiff_t{stream} * Padded(config_.fine_outputs());
  }

  // Draws a sample of every stream from the logits. False if they are not finite.
  //
  //   uniforms: [batch][stride]: [uniforms] of each stream
  //   samples: [batch][samples_stride]: one of each stream, written
  template <class Timer>
  bool Draw(float temperature, const float* uniforms, ptrdiff_t stride, float* samples,
            ptrdiff_t samples_stride, Timer* timer);

  // Writes the state.
  void Finish();
  // Lets the other members return from Work.
  void Stop() { team_.Stop(); }

  // --- For the others ---

  // Takes part in every step, until Stop.
  void Work(int member);

 private:
  // What a member computes, and how far it is. Alone in its cache lines.
  struct alignas(kAlignment) Member {
    int index = 0;
    Share units;                // of the input layer and of each gate
    Share fc;                   // of the fully connected layers, the fine one included
    Share output, fine_output;  // of the logits
    int step = 0;               // the next one of this call
    int64_t ahead_frame = -1;   // whose aux is in frame_[0]
    int64_t frame = -1;         // whose aux is in the rest of frame_
    Operands operands;
  };

  template <class Timer>
  bool StepOf(Member* me, Timer* timer);
  // The parts of a step. Those that others wait for return false if the team was stopped.
  void ComputeAhead(Member* me, int step);
  void ReadFrame(const Member& me);
  void AddSample(const Member& me, int step);
  bool RunGru(Member* me, size_t layer, int step);
  bool RunFc(Member* me, size_t layer);
  bool RunOutput(Member* me);
  bool RunFine(Member* me);

  // Writes what a part of aux adds to `width` outputs, or to each of several gates of that width.
  void ReadAux(int part, int64_t frame, const Share& share, ptrdiff_t width);
  // Vectors for products with a matrix, as each member makes them for itself: sooner than it could wait for them.
  Operand Prepare(Member* me, const Matrix& w, const AlignedFloats& x, ptrdiff_t stride) {
    return me->operands.Prepare(kernels_, w, {x.data(), stride}, batch_);
  }
  // Waits for all others.
  bool Meet(const Member& me) { return team_.Meet(me.index); }
  // Draw in two parts: all that there is to draw but the fine classes, and those.
  bool DrawFirst(float temperature, const float* uniforms, ptrdiff_t stride, float* samples,
                 ptrdiff_t samples_stride);
  bool DrawFine(float temperature, const float* uniforms, ptrdiff_t stride, float* samples,
                ptrdiff_t samples_stride);

  int64_t FrameOf(int step) const { return (int64_t{streams_.offset} + step) / streams_.hop; }
  // Where a step's rows begin in the block's buffers.
  ptrdiff_t RowOf(int step) const { return ptrdiff_t{step % block_} * batch_; }
  // The states before a step; those behind it are the ones before the next.
  AlignedFloats& States(size_t layer, int step) {
    return states_[2 * layer + static_cast<size_t>(step & 1)];
  }

  const Wavernn& model_;
  const WavernnConfig& config_;
  const Kernels& kernels_;
  const WavernnStreams streams_;  // from the first stream of this run on
  const int batch_, block_;
  const ptrdiff_t units_, gates_, input_width_, fc_;  // padded: rnn_channels, 3 and 4 of them, fc_channels
  Team team_;
  std::vector<Member> members_;
  AlignedFloats fed_;                  // [batch][fed]
  AlignedFloats base_;                 // [block][batch][input_width]: input_ but for the sample
  AlignedFloats input_;                // [batch][input_width]: the input layer, the first GRU's product of it
  std::vector<AlignedFloats> frame_;   // [aux_parts]: [batch][width]: what aux adds, biases included
  AlignedFloats sums_;                 // [batch][gates]: the second GRU's
  AlignedFloats product_;              // [batch][units]
  std::vector<AlignedFloats> states_;  // [rnn_layers][2]: [batch][units], before even steps and odd ones
  std::vector<AlignedFloats> x_;       // [rnn_layers]: [batch][units], behind each GRU
  std::vector<AlignedFloats> y_;       // [fc_layers]: [batch][fc]
  AlignedFloats fine_;                 // [batch][fc]
  AlignedFloats logits_, fine_logits_;
  AlignedFloats scratch_;  // [ScratchFloats of the larger logits]
};

template <class Timer>
void WavernnRun::Step(Timer* timer) {
  team_.Publish();
  StepOf(&members_[0], timer);
}

template <class Timer>
void WavernnRun::Fine(Timer* timer) {
  team_.Publish();
  RunFine(&members_[0]);
  timer->Done(WavernnModule::kFine);
}

template <class Timer>
bool WavernnRun::StepOf(Member* me, Timer* timer) {
  const int step = me->step++;
  if (step % block_ == 0) ComputeAhead(me, step);
  timer->Done(WavernnModule::kAhead);
  if (me->frame != FrameOf(step)) {
    me->frame = FrameOf(step);
    ReadFrame(*me);
  }
  timer->Done(WavernnModule::kFrame);
  AddSample(*me, step);
  timer->Done(WavernnModule::kSample);
  if (!RunGru(me, 0, step)) return false;
  timer->Done(WavernnModule::kGru0);
  if (config_.rnn_layers == 2) {
    if (!RunGru(me, 1, step)) return false;
    timer->Done(WavernnModule::kGru1);
  }
  if (!RunFc(me, 0)) return false;
  timer->Done(WavernnModule::kFc0);
  if (config_.fc_layers == 2) {
    if (!RunFc(me, 1)) return false;
    timer->Done(WavernnModule::kFc1);
  }
  if (!RunOutput(me)) return false;
  timer->Done(WavernnModule::kOutput);
  return true;
}

template <class Timer>
bool WavernnRun::Draw(float temperature, const float* uniforms, ptrdiff_t stride, float* samples,
                      ptrdiff_t samples_stride, Timer* timer) {
  bool finite = DrawFirst(temperature, uniforms, stride, samples, samples_stride);
  timer->Done(WavernnModule::kSampling);
  if (!finite || !config_.split()) return finite;
  Fine(timer);
  finite = DrawFine(temperature, uniforms + 1, stride, samples, samples_stride);
  timer->Done(WavernnModule::kSampling);
  return finite;
}

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_WAVERNN_RUN_H_
