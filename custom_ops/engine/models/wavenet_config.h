// What a WaveNet is made of.
#ifndef TFOPT_ENGINE_MODELS_WAVENET_CONFIG_H_
#define TFOPT_ENGINE_MODELS_WAVENET_CONFIG_H_

#include <cstdint>
#include <vector>

#include "engine/packing/tensors.h"
#include "engine/sampling/sampler.h"
#include "engine/status.h"

namespace tfopt {

struct WavenetConfig {
  int residual = 0;           // channels
  int gate = 0;               // channels of each half of the gate
  int skip = 0;               // channels
  int end = 0;                // channels between the two last layers
  int outputs = 0;            // logits, or parameters of the distribution
  int kernel_size = 2;        // taps of each dilated convolution
  int input_classes = 0;      // 0: the input is a number, else the index of a row of the first table
  int input_kernel_size = 1;  // taps of the first causal convolution
  OutputKind output = OutputKind::kCategorical;
  int mixtures = 0;         // components of a mixture of logistics
  int local_channels = 0;   // features of the local conditioning at every sample; 0: none
  int global_channels = 0;  // width of the global conditioning; 0: none
  int decoded_classes = 0;  // input is a number, output a mu-law class: how many classes; else 0
  std::vector<int> dilations;

  // Whether every setting is possible and in proportion to the others; the message names the setting.
  Status Check() const;

  // The settings as a list of integers (the first `kIntegers`, in the order above, then the dilations).
  static constexpr int kIntegers = 13;
  std::vector<int32_t> ToIntegers() const;
  // Reads that list, and checks what it says.
  static Status FromIntegers(const std::vector<int32_t>& integers, WavenetConfig* config);
};

// The tensors that a WaveNet is packed from. Kernels are [taps,] inputs, outputs; one that a model lacks counts
// as zeros.
std::vector<ExpectedTensor> TensorsOf(const WavenetConfig& config);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_WAVENET_CONFIG_H_
