// What the steps of a WaveRNN are made of; the networks over frames are layers/mel_resnet.h and
// layers/upsampling.h.
#ifndef TFOPT_ENGINE_MODELS_WAVERNN_CONFIG_H_
#define TFOPT_ENGINE_MODELS_WAVERNN_CONFIG_H_

#include <cstdint>
#include <vector>

#include "engine/packing/tensors.h"
#include "engine/status.h"

namespace tfopt {

// The distribution of the next sample.
enum class WavernnOutput : int32_t {
  kCategorical = 0,      // over 2^bits classes
  kSplit = 1,            // the same in two steps: the upper half of the bits (coarse), then the lower (fine)
  kLogisticMixture = 2,  // a mixture of logistic distributions over amplitudes
};

// The settings of tfopt.wavernn.config.WavernnConfig that the steps depend on, under the same names.
struct WavernnConfig {
  // Of any width, and of mixtures: LARGEST of tfopt.wavernn.config. Far above every real model, and so low
  // that sizes of single layers fit 64 bits by far.
  static constexpr int kMostChannels = 10000;

  int mel_channels = 0;  // bands of the spectrogram
  int aux_channels = 0;  // width of each part of what the residual network says of a frame
  int rnn_channels = 0;  // width of the input layer and the GRUs
  int rnn_layers = 2;    // GRUs, 1 or 2
  int fc_channels = 0;   // width of the fully connected layers
  int fc_layers = 2;     // before the output, 1 or 2
  WavernnOutput output = WavernnOutput::kCategorical;
  int bits = 0;      // of a sample; 0 for a mixture
  int mixtures = 0;  // components of a mixture; else 0

  // Whether every setting is possible; the message names the setting.
  Status Check() const;

  // --- What follows from them ---

  bool split() const { return output == WavernnOutput::kSplit; }
  // Parts of what the residual network says: for the input layer, the second GRU, each fc layer.
  int aux_parts() const { return rnn_layers + fc_layers; }
  // Numbers that a sample is to the network: 1, or 2 if split (coarse, fine).
  int fed() const { return split() ? 2 : 1; }
  // The bits drawn first; all of them unless the output is split.
  int coarse_bits() const { return split() ? (bits + 1) / 2 : bits; }
  int fine_bits() const { return bits - coarse_bits(); }
  // Logits, or parameters of the mixture, of what is drawn first; and of the fine class, 0 without one.
  int coarse_outputs() const {
    return output == WavernnOutput::kLogisticMixture ? 3 * mixtures : 1 << coarse_bits();
  }
  int fine_outputs() const { return split() ? 1 << fine_bits() : 0; }
  int outputs() const { return coarse_outputs() + fine_outputs(); }
  // Uniform random numbers that one sample takes. Split: for coarse, for fine.
  int uniforms() const { return output == WavernnOutput::kCategorical ? 1 : 2; }

  // Log scales of a mixture below this count as this, as where fatchord/WaveRNN samples: ln 10^-14.
  static constexpr float kLeastLogScale = -32.2361913f;

  // --- As a list of integers, in the order above ---

  static constexpr int kIntegers = 9;
  std::vector<int32_t> ToIntegers() const;
  // Reads that list, and checks what it says.
  static Status FromIntegers(const std::vector<int32_t>& integers, WavernnConfig* config);
};

// The tensors that the steps need, in the order of `shapes` of the Python class: that without `upsample` and
// `resnet`.
std::vector<ExpectedTensor> TensorsOf(const WavernnConfig& config);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_WAVERNN_CONFIG_H_
