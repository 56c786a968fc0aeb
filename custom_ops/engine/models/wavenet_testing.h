// WaveNets with random weights, which several tests share.
#ifndef TFOPT_ENGINE_MODELS_WAVENET_TESTING_H_
#define TFOPT_ENGINE_MODELS_WAVENET_TESTING_H_

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/models/network_testing.h"
#include "engine/models/wavenet.h"
#include "engine/testing.h"

namespace tfopt::test {

struct RandomWavenet : StreamNetwork<Wavenet> {
  explicit RandomWavenet(const WavenetConfig& c, bool biases = true, uint32_t seed = 1)
      : StreamNetwork(c) {
    const auto add = [&](size_t size, int inputs, bool there = true) {
      const float scale = 1.5f / std::sqrt(static_cast<float>(std::max(1, inputs)));
      values.push_back(there ? Random(size, seed++, scale) : std::vector<float>());
    };
    add(Volume({c.input_kernel_size, std::max(1, c.input_classes), c.residual}), 4);
    add(Volume({1, c.residual}), 4, biases);
    for (size_t l = 0; l < c.dilations.size(); ++l) {
      add(Volume({c.kernel_size, c.residual, 2 * c.gate}), c.kernel_size * c.residual);
      add(Volume({1, 2 * c.gate}), 4, biases);
      add(Volume({c.local_channels, 2 * c.gate}), c.local_channels);
      add(Volume({c.global_channels, 2 * c.gate}), c.global_channels);
      add(Volume({c.gate, c.residual}), c.gate);
      add(Volume({1, c.residual}), 4, biases);
      add(Volume({c.gate, c.skip}), c.gate);
      add(Volume({1, c.skip}), 4, biases);
    }
    add(Volume({c.skip, c.end}), c.skip);
    add(Volume({1, c.end}), 4, biases);
    add(Volume({c.end, c.outputs}), c.end);
    add(Volume({1, c.outputs}), 4, biases);
    Pack();
  }
};

inline WavenetConfig CategoricalWavenet(int residual, int gate, int skip, int end, int classes,
                                       std::vector<int> dilations, int taps = 2) {
  WavenetConfig c;
  c.residual = residual;
  c.gate = gate;
  c.skip = skip;
  c.end = end;
  c.outputs = c.input_classes = classes;
  c.kernel_size = taps;
  c.dilations = std::move(dilations);
  return c;
}

inline std::map<std::string, WavenetConfig> WavenetConfigs() {
  std::map<std::string, WavenetConfig> all;
  all["one of each"] = CategoricalWavenet(1, 1, 1, 1, 2, {1});
  all["panels"] = CategoricalWavenet(16, 16, 32, 48, 16, {1, 2, 4, 8});
  all["odd"] = CategoricalWavenet(5, 7, 9, 11, 13, {1, 3, 2, 40, 1});
  all["wide"] = CategoricalWavenet(70, 66, 130, 90, 256, {1, 2, 16, 17});
  all["three taps"] = CategoricalWavenet(12, 20, 17, 18, 30, {1, 2, 5, 33}, 3);
  WavenetConfig c = CategoricalWavenet(8, 12, 20, 24, 40, {1, 2, 4});
  c.input_kernel_size = 4;
  c.local_channels = 5;
  c.global_channels = 3;
  all["conditioned"] = c;
  c.input_classes = 0;
  c.decoded_classes = 40;
  all["mu-law, amplitudes in"] = c;
  c.decoded_classes = 0;
  c.output = OutputKind::kLogisticMixture;
  c.mixtures = 10;
  c.outputs = 30;
  all["mixture"] = c;
  c.output = OutputKind::kGaussian;
  c.mixtures = 0;
  c.outputs = 2;
  all["gaussian"] = c;
  return all;
}

// So large that two threads share a stream's step.
inline WavenetConfig LargeWavenet() {
  return CategoricalWavenet(64, 64, 300, 257, 256,
                            {1, 2, 4, 8, 16, 32, 64, 3, 5, 7, 9, 11, 13, 15});
}

}  // namespace tfopt::test

#endif  // TFOPT_ENGINE_MODELS_WAVENET_TESTING_H_
