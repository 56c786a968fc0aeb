// WaveRNNs with random weights, which several tests share.
#ifndef TFOPT_ENGINE_MODELS_WAVERNN_TESTING_H_
#define TFOPT_ENGINE_MODELS_WAVERNN_TESTING_H_

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "engine/models/wavernn.h"
#include "engine/testing.h"

namespace tfopt::test {

inline size_t Volume(const std::vector<int>& shape) {
  size_t volume = 1;
  for (int dimension : shape) volume *= static_cast<size_t>(dimension);
  return volume;
}

// A network with random weights: as users have them, and packed.
struct RandomWavernn {
  explicit RandomWavernn(const WavernnConfig& c, uint32_t seed = 1) : config(c) {
    for (const WavernnTensor& tensor : WavernnTensors(c)) {
      // Kernels keep the size of what they are applied to; biases are as large.
      const int inputs = tensor.shape.size() == 2 ? tensor.shape[0] : 4;
      const float scale = 1.5f / std::sqrt(static_cast<float>(inputs));
      values.push_back(Random(Volume(tensor.shape), seed++, scale));
    }
    Pack();
  }

  // The tensor of this name.
  std::vector<float>& operator[](const std::string& name) {
    const std::vector<WavernnTensor> tensors = WavernnTensors(config);
    for (size_t i = 0; i < tensors.size(); ++i) {
      if (tensors[i].name == name) return values[i];
    }
    ADD_FAILURE() << "no tensor is called " << name;
    return values[0];
  }

  std::vector<Tensor> Tensors() const {
    std::vector<Tensor> tensors;
    for (const std::vector<float>& v : values) tensors.push_back({v.data(), v.size()});
    return tensors;
  }

  void Pack() {
    size_t bytes = 0;
    const Status sized = WavernnPackedBytes(config, &bytes);
    ASSERT_TRUE(sized.ok()) << sized.message();
    packed = AlignedFloats(bytes / sizeof(float));
    const Status done = PackWavernn(config, Tensors(), Bytes());
    ASSERT_TRUE(done.ok()) << done.message();
    const Status read = Wavernn::Read(Bytes(), bytes, &model);
    ASSERT_TRUE(read.ok()) << read.message();
  }

  uint8_t* Bytes() { return reinterpret_cast<uint8_t*>(packed.data()); }
  size_t Size() const { return packed.size() * sizeof(float); }

  AlignedFloats State(int batch) const {
    AlignedFloats state(model.state_bytes / sizeof(float) * static_cast<size_t>(batch));
    ResetWavernnState(model, batch, reinterpret_cast<uint8_t*>(state.data()));
    return state;
  }

  WavernnConfig config;
  std::vector<std::vector<float>> values;  // in the order of WavernnTensors
  AlignedFloats packed;
  Wavernn model;
};

// A categorical one with two GRUs and two fully connected layers.
inline WavernnConfig CategoricalWavernn(int mel, int aux, int rnn, int fc, int bits) {
  WavernnConfig c;
  c.mel_channels = mel;
  c.aux_channels = aux;
  c.rnn_channels = rnn;
  c.fc_channels = fc;
  c.bits = bits;
  return c;
}

// So large that several threads share a stream's step.
inline WavernnConfig LargeWavernn() { return CategoricalWavernn(7, 3, 192, 100, 8); }

inline std::map<std::string, WavernnConfig> WavernnConfigs() {
  std::map<std::string, WavernnConfig> all;
  WavernnConfig c = CategoricalWavernn(1, 1, 1, 1, 1);
  c.rnn_layers = c.fc_layers = 1;
  all["one of each"] = c;
  all["two of each"] = CategoricalWavernn(1, 1, 1, 1, 1);
  all["panels"] = CategoricalWavernn(16, 16, 64, 32, 4);
  all["odd"] = CategoricalWavernn(5, 3, 17, 33, 5);
  c = CategoricalWavernn(3, 2, 65, 70, 9);
  c.rnn_layers = 1;
  all["one GRU"] = c;
  c = CategoricalWavernn(20, 7, 33, 65, 7);
  c.fc_layers = 1;
  all["one fc"] = c;
  c = CategoricalWavernn(6, 4, 17, 19, 9);
  c.output = WavernnOutput::kSplit;
  all["split"] = c;
  c = CategoricalWavernn(4, 3, 128, 65, 16);
  c.output = WavernnOutput::kSplit;
  c.rnn_layers = c.fc_layers = 1;
  all["split, 16 bits"] = c;
  c = CategoricalWavernn(9, 5, 31, 18, 0);
  c.output = WavernnOutput::kLogisticMixture;
  c.mixtures = 10;
  all["mixture"] = c;
  return all;
}

}  // namespace tfopt::test

#endif  // TFOPT_ENGINE_MODELS_WAVERNN_TESTING_H_
