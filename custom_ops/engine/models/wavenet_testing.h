// WaveNets with random weights, which several tests share.
#ifndef TFOPT_ENGINE_MODELS_WAVENET_TESTING_H_
#define TFOPT_ENGINE_MODELS_WAVENET_TESTING_H_

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/models/wavenet.h"
#include "engine/testing.h"

namespace tfopt::test {

inline size_t Count(int a, int b, int c = 1) {
  return static_cast<size_t>(a) * static_cast<size_t>(b) * static_cast<size_t>(c);
}

// A network with random weights: as users have them, and packed.
struct Network {
  explicit Network(const WavenetConfig& c, bool biases = true, uint32_t seed = 1) : config(c) {
    const auto add = [&](size_t size, int inputs, bool there = true) {
      const float scale = 1.5f / std::sqrt(static_cast<float>(std::max(1, inputs)));
      values.push_back(there ? Random(size, seed++, scale) : std::vector<float>());
    };
    add(Count(c.input_kernel_size, std::max(1, c.input_classes), c.residual), 4);
    add(Count(1, c.residual), 4, biases);
    for (size_t l = 0; l < c.dilations.size(); ++l) {
      add(Count(c.kernel_size, c.residual, 2 * c.gate), c.kernel_size * c.residual);
      add(Count(1, 2 * c.gate), 4, biases);
      add(Count(c.local_channels, 2 * c.gate), c.local_channels);
      add(Count(c.global_channels, 2 * c.gate), c.global_channels);
      add(Count(c.gate, c.residual), c.gate);
      add(Count(1, c.residual), 4, biases);
      add(Count(c.gate, c.skip), c.gate);
      add(Count(1, c.skip), 4, biases);
    }
    add(Count(c.skip, c.end), c.skip);
    add(Count(1, c.end), 4, biases);
    add(Count(c.end, c.outputs), c.end);
    add(Count(1, c.outputs), 4, biases);
    Pack();
  }

  std::vector<Tensor> Tensors() const {
    std::vector<Tensor> tensors;
    for (const std::vector<float>& v : values) tensors.push_back({v.data(), v.size()});
    return tensors;
  }

  void Pack() {
    size_t bytes = 0;
    const Status sized = PackedBytes(config, &bytes);
    ASSERT_TRUE(sized.ok()) << sized.message();
    packed = AlignedFloats(bytes / sizeof(float));
    const Status done = PackModel(config, Tensors(), Bytes());
    ASSERT_TRUE(done.ok()) << done.message();
    const Status read = Wavenet::Read(Bytes(), bytes, &model);
    ASSERT_TRUE(read.ok()) << read.message();
  }

  uint8_t* Bytes() { return reinterpret_cast<uint8_t*>(packed.data()); }
  size_t Size() const { return packed.size() * sizeof(float); }

  AlignedFloats State(int batch) const {
    AlignedFloats state(model.state_bytes / sizeof(float) * static_cast<size_t>(batch));
    ResetState(model, batch, reinterpret_cast<uint8_t*>(state.data()));
    return state;
  }

  WavenetConfig config;
  std::vector<std::vector<float>> values;
  AlignedFloats packed;
  Wavenet model;
};

inline WavenetConfig Config(int residual, int gate, int skip, int end, int classes,
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

inline std::map<std::string, WavenetConfig> Configs() {
  std::map<std::string, WavenetConfig> all;
  all["one of each"] = Config(1, 1, 1, 1, 2, {1});
  all["panels"] = Config(16, 16, 32, 48, 16, {1, 2, 4, 8});
  all["odd"] = Config(5, 7, 9, 11, 13, {1, 3, 2, 40, 1});
  all["wide"] = Config(70, 66, 130, 90, 256, {1, 2, 16, 17});
  all["three taps"] = Config(12, 20, 17, 18, 30, {1, 2, 5, 33}, 3);
  WavenetConfig c = Config(8, 12, 20, 24, 40, {1, 2, 4});
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
inline WavenetConfig LargeConfig() {
  return Config(64, 64, 300, 257, 256, {1, 2, 4, 8, 16, 32, 64, 3, 5, 7, 9, 11, 13, 15});
}

}  // namespace tfopt::test

#endif  // TFOPT_ENGINE_MODELS_WAVENET_TESTING_H_
