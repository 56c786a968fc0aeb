#include "engine/models/wavenet_run.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/models/wavenet_state.h"

namespace tfopt {
namespace {

// The amplitudes of the mu-law classes (ITU-T G.711's law, continuous): sign(y) ((1 + mu)^|y| - 1) / mu.
std::vector<float> MuLawAmplitudes(int classes) {
  std::vector<float> amplitudes(static_cast<size_t>(classes));
  const double mu = std::max(classes - 1, 1);
  for (int i = 0; i < classes; ++i) {
    const double y = 2.0 * i / mu - 1.0;
    const double magnitude = (std::pow(1.0 + mu, std::fabs(y)) - 1.0) / mu;
    amplitudes[static_cast<size_t>(i)] = static_cast<float>(std::copysign(magnitude, y));
  }
  return amplitudes;
}

size_t Size(int batch, int channels) {
  return static_cast<size_t>(batch) * static_cast<size_t>(Padded(channels));
}

}  // namespace

WavenetRun::WavenetRun(const Wavenet& model, const Kernels& kernels, const WavenetStreams& streams,
                       int first, int batch, int members)
    : model_(model),
      config_(model.config),
      kernels_(kernels),
      batch_(batch),
      steps_(streams.time),
      state_(streams.state + static_cast<size_t>(first) * model.state_bytes),
      residual_stride_(Padded(config_.residual)),
      operands_(model.weights.end0.type, std::max(batch, kBlock),
                std::max({config_.residual, config_.gate, config_.local_channels})),
      decoded_(MuLawAmplitudes(config_.decoded_classes)),
      x_(Size(batch, config_.residual)),
      sums_(2 * Size(batch, config_.gate)),
      scratch_(static_cast<size_t>(ScratchFloats(config_.outputs))),
      head_(model, kernels, batch, members) {
  ConvolutionInput input;
  input.position = WavenetPosition(state_);
  input.steps = streams.time;
  input.queue = WavenetStateFloats(state_) + Padded(config_.input_kernel_size - 1);
  input.queue_stride = static_cast<ptrdiff_t>(model.state_bytes / sizeof(float));
  input.conditioning_stride = static_cast<ptrdiff_t>(streams.time) * config_.local_channels;
  if (config_.local_channels > 0) {
    input.conditioning = streams.conditioning + first * input.conditioning_stride;
  }
  if (config_.global_channels > 0) {
    input.speaker = streams.speaker + static_cast<ptrdiff_t>(first) * config_.global_channels;
  }
  input.operands = &operands_;
  // No longer than the call, so that a call of one step has next to nothing to prepare.
  const int block = std::max(1, std::min(kBlock / batch, streams.time));
  convolutions_.reserve(config_.dilations.size());
  for (size_t l = 0; l < config_.dilations.size(); ++l) {
    convolutions_.emplace_back(model.weights.layers[l].convolution, config_.dilations[l], batch,
                               block);
    convolutions_.back().Start(kernels, input);
    input.queue +=
        static_cast<ptrdiff_t>(convolutions_.back().QueueRows()) * residual_stride_;
  }
}

// The first causal convolution: of one-hot vectors, whose products with a kernel are its rows, or of
// amplitudes. Its past samples stand in the state.
void WavenetRun::Embed(int stream, float sample, float* x) {
  const int channels = static_cast<int>(residual_stride_);
  const int past = config_.input_kernel_size - 1;
  const bool one_hot = config_.input_classes != 0;
  if (config_.decoded_classes != 0) sample = decoded_[static_cast<size_t>(sample)];
  float* history = WavenetStateFloats(state_ + static_cast<size_t>(stream) * model_.state_bytes);
  std::memcpy(x, model_.weights.input_bias, static_cast<size_t>(channels) * sizeof(float));
  for (int k = 0; k <= past; ++k) {
    const float fed = k == past ? sample : history[k];
    const float* kernel = model_.weights.input +
                          static_cast<ptrdiff_t>(k) * std::max(1, config_.input_classes) * channels;
    if (!one_hot) {
      kernels_.add_scaled(fed, kernel, channels, x);
    } else if (fed >= 0.0f) {
      kernels_.add(x, kernel + static_cast<ptrdiff_t>(fed) * channels, channels, x);
    }
  }
  if (past > 0) {
    std::memmove(history, history + 1, static_cast<size_t>(past - 1) * sizeof(float));
    history[past - 1] = sample;
  }
}

float WavenetRun::Draw(int stream, float temperature, const float* uniforms) {
  return DrawSample(kernels_, {config_.output, config_.outputs, config_.mixtures}, logits(stream),
                    temperature, uniforms, scratch_.data());
}

void WavenetRun::Finish() {
  for (int b = 0; b < batch_; ++b) {
    uint8_t* record = state_ + static_cast<size_t>(b) * model_.state_bytes;
    SetWavenetPosition(WavenetPosition(record) + steps_, record);
  }
}

}  // namespace tfopt
