// The steps of a WaveNet for some streams: all buffers, and nothing that is allocated later.
#ifndef TFOPT_ENGINE_MODELS_WAVENET_RUN_H_
#define TFOPT_ENGINE_MODELS_WAVENET_RUN_H_

#include <cstddef>
#include <vector>

#include "engine/aligned.h"
#include "engine/kernels/kernels.h"
#include "engine/models/wavenet.h"
#include "engine/models/wavenet_head.h"

namespace tfopt {

// The parts of a step, for timing them: the first convolution; what is computed ahead (conditioning and past
// taps); the newest taps; the gates; residual and skip connections; the two last layers; drawing a sample.
enum class WavenetModule { kInput, kAhead, kConvolution, kGate, kResidual, kSkip, kEnd, kSampling };
constexpr int kWavenetModules = 8;

class WavenetRun {
 public:
  // Steps that are computed ahead for one stream; for several streams fewer, as they share the weights.
  static constexpr int kBlock = 16;

  // Prepares `batch` streams for `streams.time` steps, the first of them number `first` of the batch. With
  // more than one member, the others have to be in Work while Step runs.
  WavenetRun(const Wavenet& model, const Kernels& kernels, const WavenetStreams& streams, int first,
             int batch, int members = 1);

  // For the other members: takes part in every step, until Stop, which is for the member that runs Step.
  void Work(int member) { head_.Work(member); }
  void Stop() { head_.Stop(); }

  // Feeds samples [batch], `stride` floats apart, and computes the logits that follow.
  template <class Timer>
  void Step(const float* samples, ptrdiff_t stride, Timer* timer);

  // The last step's logits of a stream, [outputs, padded].
  const float* logits(int stream) const { return head_.logits(stream); }

  // Draws a sample from them; NaN if they are not finite. `uniforms` are this stream's of this step.
  float Draw(int stream, float temperature, const float* uniforms);

  // Writes the positions into the state.
  void Finish();

 private:
  void Embed(int stream, float sample, float* x);

  const Wavenet& model_;
  const WavenetConfig& config_;
  const Kernels& kernels_;
  const int batch_, steps_;
  uint8_t* const state_;
  const ptrdiff_t residual_stride_;
  Operands operands_;
  std::vector<DilatedConvolution> convolutions_;
  std::vector<float> decoded_;  // [decoded_classes]: the amplitude of each mu-law class
  AlignedFloats x_;             // [batch][residual, padded]
  AlignedFloats sums_;          // [batch][2 gate, padded]
  AlignedFloats scratch_;       // [ScratchFloats(outputs)]
  WavenetHead head_;
};

template <class Timer>
void WavenetRun::Step(const float* samples, ptrdiff_t stride, Timer* timer) {
  const WavenetWeights& w = model_.weights;
  for (int b = 0; b < batch_; ++b) {
    Embed(b, samples[b * stride], x_.data() + b * residual_stride_);
  }
  timer->Done(WavenetModule::kInput);
  for (size_t l = 0; l < convolutions_.size(); ++l) {
    const WavenetWeights::Layer& layer = w.layers[l];
    convolutions_[l].Ahead(kernels_);
    timer->Done(WavenetModule::kAhead);
    convolutions_[l].Multiply(kernels_, x_.data(), sums_.data());
    timer->Done(WavenetModule::kConvolution);
    convolutions_[l].Gate(kernels_, sums_.data(), head_.z(l));
    const Operand published = head_.Publish(l);
    timer->Done(WavenetModule::kGate);
    if (layer.residual.weights != nullptr) {
      for (int b = 0; b < batch_; ++b) {
        float* x = x_.data() + b * residual_stride_;
        kernels_.add(x, layer.residual_bias, static_cast<int>(residual_stride_), x);
      }
      const Operand z = operands_.PrepareAgain(kernels_, layer.residual,
                                               {head_.z(l), Padded(config_.gate)}, batch_,
                                               layer.skip, published);
      kernels_.matmul(layer.residual, z, {x_.data(), residual_stride_},
                      {x_.data(), residual_stride_}, batch_);
    }
    timer->Done(WavenetModule::kResidual);
  }
  head_.AddSkips();
  timer->Done(WavenetModule::kSkip);
  head_.Finish();
  timer->Done(WavenetModule::kEnd);
}

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_WAVENET_RUN_H_
