// WaveNet (van den Oord et al. 2016), generating with queues (Paine et al. 2016).
//
// Per sample, with K taps and dilation d:
//   x = the sample's row of the first table (or sample * kernel), + bias
//   every layer:  c = bias + local and global conditioning + sum over k of W_k x[t - (K-1-k) d]
//                 z = tanh(c's first half) * sigmoid(c's second half)
//                 skip += W_s z,  x += W_r z + bias
//   logits = W_2 relu(W_1 relu(skip + biases) + bias) + bias
#ifndef TFOPT_ENGINE_MODELS_WAVENET_H_
#define TFOPT_ENGINE_MODELS_WAVENET_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/layers/dilated_convolution.h"
#include "engine/models/wavenet_config.h"
#include "engine/packing/layout.h"
#include "engine/status.h"
#include "engine/tensor.h"

namespace tfopt {

// A WaveNet's weights, which stay where the packed model is. Vectors are padded (kernels.h).
struct WavenetWeights {
  struct Layer {
    DilatedConvolutionWeights convolution;
    Matrix residual;  // [gate, residual]; none in the last layer, where it has no effect
    const float* residual_bias = nullptr;  // [residual]
    Matrix skip;                           // [gate, skip]
  };
  const float* input = nullptr;       // [taps, max(1, input_classes), residual], the oldest tap first
  const float* input_bias = nullptr;  // [residual]
  std::vector<Layer> layers;
  const float* skip_bias = nullptr;  // [skip], the sum over all layers
  Matrix end0;                       // [skip, end]
  const float* end0_bias = nullptr;  // [end]
  Matrix end1;                       // [end, outputs]
  const float* end1_bias = nullptr;  // [outputs]

  // The next blocks of a layout.
  static WavenetWeights Next(const WavenetConfig& config, Layout* layout);
};

struct Wavenet {
  WavenetConfig config;
  WavenetWeights weights;
  size_t state_bytes = 0;  // of one stream

  // Reads a packed model in place: `buffer` has to outlive the result. Checks all that is read. If given,
  // `observed` gets a histogram for each matrix of the format, which its runs then count in: on one thread.
  static Status Read(const uint8_t* buffer, size_t size, Wavenet* model,
                     InputHistograms* observed = nullptr);
};

// --- Packing ---

// Bytes of the packed model, by default of float32; a failure names the setting.
Status PackedBytes(const WavenetConfig& config, size_t* bytes, const WeightFormat& format = {});

// Writes the packed model, in float32.
//
//   tensors: those that TensorsOf(config) lists
//   buffer: the bytes that PackedBytes says
//
// A failure names the tensor (as "weights[3] (layers.0.conv.bias)"), the size expected and given. Values
// have to be finite.
Status PackModel(const WavenetConfig& config, const std::vector<Tensor>& tensors, uint8_t* buffer);

// --- Running ---

// The streams of a batch and what they are conditioned on.
struct WavenetStreams {
  int batch = 0;
  int time = 0;                         // steps to run
  const float* conditioning = nullptr;  // [batch, time, local_channels]
  const float* speaker = nullptr;       // [batch, global_channels]
  // [batch, state_bytes]: where the streams are; brought forward. Those of a batch go in step from the first
  // step that they have in common on: one that has had no step may join others.
  uint8_t* state = nullptr;
  int threads = 1;  // at least 1; changes no result
};

// Threads that would share the steps of these streams: more than one for a single stream of a model with a
// megabyte of weights in its layers, if `streams.threads` and the CPUs allow it.
int SharingThreads(const Wavenet& model, const WavenetStreams& streams);

// Writes the state before the first step: empty queues.
void ResetState(const Wavenet& model, int batch, uint8_t* state);

// Whether `state` is one of this model's, and all streams are at the same step.
Status CheckState(const Wavenet& model, int batch, const uint8_t* state);

// Generates samples.
//
//   last: [batch], what is fed first: class numbers, or amplitudes
//   forced: [batch, forced_time]: the first samples are these instead of drawn ones; forced_time <= time
//   uniforms: [batch, time, UniformsPerSample]
//   temperature: at least 0
//   samples: [batch, time], written
//
// A failure leaves the state undefined. Nothing is allocated after the first step has begun.
Status GenerateWavenet(const Wavenet& model, const Kernels& kernels, const WavenetStreams& streams,
                       const float* last, const float* forced, int forced_time,
                       const float* uniforms, float temperature, float* samples);

// Feeds given samples [batch, time] and writes the logits [batch, time, outputs] after each.
Status WavenetLogits(const Wavenet& model, const Kernels& kernels, const WavenetStreams& streams,
                     const float* samples, float* logits);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_WAVENET_H_
