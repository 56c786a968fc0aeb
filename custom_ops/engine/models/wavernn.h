// WaveRNN (Kalchbrenner et al. 2018) as fatchord/WaveRNN builds it.
//
// Per sample, with what was drawn last as the number s (split: two numbers), a row of the upsampled mel
// spectrogram, and the parts a_0, a_1, ... of what the residual network says of the sample's frame:
//   x = W_in [s, mel, a_0] + bias
//   x += h_1 = GRU_1(x)
//   x += h_2 = GRU_2([x, a_1])            (or one GRU only)
//   f = relu(W [x, a] + bias), twice       (or once)
//   logits = W_out f + bias;  split: fine logits = W_o relu(W_f [f, coarse class] + bias) + bias
//
// Only what depends on s is computed step by step. Once a frame: all that the parts a add, biases included.
// In blocks of steps: what the mel rows add. The input layer has no activation, so GRU_1's input product W x is
// that of one matrix W W_in, multiplied when packing: no step reads W, and s adds a multiple of one column.
#ifndef TFOPT_ENGINE_MODELS_WAVERNN_H_
#define TFOPT_ENGINE_MODELS_WAVERNN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/layers/gru.h"
#include "engine/models/wavernn_config.h"
#include "engine/packing/layout.h"
#include "engine/status.h"
#include "engine/tensor.h"

namespace tfopt {

// A WaveRNN's weights, which stay where the packed model is. Vectors are padded (kernels.h); gates stand in
// the order reset, update, candidate.
struct WavernnWeights {
  struct Dense {
    Matrix kernel;
    const float* bias = nullptr;
  };
  // The input layer and, behind it, the first GRU's input product of that: x, reset, update, candidate. Of
  // the last sample and of the mel row; aux's share and the biases are in aux.
  Matrix sample;             // [fed, 4 rnn]
  Matrix mel;                // [mel, 4 rnn]
  std::vector<Gru> grus;     // [rnn_layers]: what multiplies their states
  Matrix second_input;       // [rnn, 3 rnn]: the second GRU's input product of x
  std::vector<Matrix> fc;    // [fc_layers]: [rnn or fc, fc]; the biases are in aux
  Dense output;              // [fc, coarse_outputs]
  Dense fine;                // [fc, fc]; split only, as what follows
  Matrix fine_coarse;        // [1, fc]: the column of the coarse class
  Dense fine_output;         // [fc, fine_outputs]
  // [aux_parts]: what each part adds, and the bias of where it adds that: [aux, 4 rnn], [aux, 3 rnn], [aux, fc]
  std::vector<Dense> aux;

  // The next blocks of a layout.
  static WavernnWeights Next(const WavernnConfig& config, Layout* layout);
};

struct Wavernn {
  WavernnConfig config;
  WavernnWeights weights;
  size_t state_bytes = 0;  // of one stream

  // Reads a packed model in place: `buffer` has to outlive the result. Checks all that is read. If given,
  // `observed` gets a histogram for each matrix of the format, which its runs then count in: on one thread.
  static Status Read(const uint8_t* buffer, size_t size, Wavernn* model,
                     InputHistograms* observed = nullptr);
};

// --- Packing ---

// Bytes of the packed model, by default of float32; a failure names the setting.
Status PackedBytes(const WavernnConfig& config, size_t* bytes, const WeightFormat& format = {});

// Writes the packed model, in float32.
//
//   tensors: those that TensorsOf(config) lists
//   buffer: the bytes that PackedBytes says
//
// A failure names the tensor (as "weights[3] (rnn.0.bias)"), the size expected and given. Values have to be
// finite.
Status PackModel(const WavernnConfig& config, const std::vector<Tensor>& tensors, uint8_t* buffer);

// --- Running ---

// The streams of a batch and what they are conditioned on.
struct WavernnStreams {
  int batch = 0;
  int time = 0;                 // steps to run
  const float* mels = nullptr;  // [batch, time, mel_channels]: the spectrogram, a row for each step
  // [batch, frames, aux_parts * aux_channels]: what the residual network says of each frame. Step t reads
  // frame (offset + t) / hop.
  const float* aux = nullptr;
  int frames = 0;
  int hop = 1;     // steps of a frame
  int offset = 0;  // of the first step in its frame, less than hop
  uint8_t* state = nullptr;  // [batch, state_bytes]: where the streams are; brought forward
  int threads = 1;           // at least 1; changes no result
};

// Threads that would share the steps of these streams: more than one for a single stream of a model that reads
// a megabyte of weights in each, if its GRUs are whole tiles and `streams.threads` and the CPUs allow it.
int SharingThreads(const Wavernn& model, const WavernnStreams& streams);

// Writes the state before the first step: zeros.
void ResetState(const Wavernn& model, int batch, uint8_t* state);

// Whether `state` is one of this model's.
Status CheckState(const Wavernn& model, int batch, const uint8_t* state);

// What a sample, as GenerateWavernn writes it, is to the network that is fed it: [fed] numbers. A class k of n
// becomes 2 k / (n - 1) - 1, of a split sample the coarse and the fine class each; an amplitude stays.
void WavernnFeedback(const WavernnConfig& config, float sample, float* fed);

// Generates samples.
//
//   last: [batch, fed], what is fed first: before anything was drawn, zeros
//   uniforms: [batch, time, uniforms]
//   temperature: at least 0
//   samples: [batch, time], written: classes (split: coarse * 2^fine_bits + fine) or amplitudes
//
// A failure leaves samples and states undefined. Nothing is allocated after the first step has begun.
Status GenerateWavernn(const Wavernn& model, const Kernels& kernels, const WavernnStreams& streams,
                       const float* last, const float* uniforms, float temperature, float* samples);

// Feeds given numbers [batch, time, fed] and writes the logits [batch, time, outputs] after each. Of a split
// output the fine logits are those given the coarse classes `targets` [batch, time]; else there are none.
Status WavernnLogits(const Wavernn& model, const Kernels& kernels, const WavernnStreams& streams,
                     const float* fed, const int32_t* targets, float* logits);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_WAVERNN_H_
