// What tests of every model need: a network as users have it, and packed.
#ifndef TFOPT_ENGINE_MODELS_NETWORK_TESTING_H_
#define TFOPT_ENGINE_MODELS_NETWORK_TESTING_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/aligned.h"
#include "engine/models/weight_conversion.h"
#include "engine/packing/packed_config.h"
#include "engine/status.h"
#include "engine/tensor.h"

namespace tfopt::test {

// The values of a tensor of this shape.
inline size_t Volume(const std::vector<int>& shape) {
  size_t volume = 1;
  for (int dimension : shape) volume *= static_cast<size_t>(dimension);
  return volume;
}

template <class Config>
struct PackedNetwork {
  // `tensors` in the order that PackModel wants them in; without them nothing is packed yet.
  explicit PackedNetwork(const Config& c, std::vector<std::vector<float>> tensors = {})
      : config(c), values(std::move(tensors)) {
    if (!values.empty()) Pack();
  }

  std::vector<Tensor> Tensors() const {
    std::vector<Tensor> tensors;
    for (const std::vector<float>& v : values) tensors.push_back({v.data(), v.size()});
    return tensors;
  }

  void Pack() {
    size_t bytes = 0;
    ASSERT_EQ(PackedBytes(config, &bytes).message(), "");
    packed = AlignedFloats(bytes / sizeof(float));
    ASSERT_EQ(PackModel(config, Tensors(), Bytes()).message(), "");
  }

  // Replaces what is packed by the same with converted weights.
  void Convert(const WeightChoice& choice) {
    AlignedFloats converted;
    const Status status =
        ConvertWeights(Bytes(), Size(), choice, [&](size_t bytes, uint8_t** buffer) {
          converted = AlignedFloats(bytes / sizeof(float));
          *buffer = reinterpret_cast<uint8_t*>(converted.data());
          return Status();
        });
    ASSERT_EQ(status.message(), "");
    packed = std::move(converted);
  }

  uint8_t* Bytes() { return reinterpret_cast<uint8_t*>(packed.data()); }
  size_t Size() const { return packed.size() * sizeof(float); }
  // Of the header of what Pack has packed.
  size_t HeaderSize() const { return HeaderBytes(PackedIntegers(config, {}).size()); }

  Config config;
  std::vector<std::vector<float>> values;
  AlignedFloats packed;
};

// One that has streams, read from where it is packed.
template <class Model>
struct StreamNetwork : PackedNetwork<decltype(Model::config)> {
  using Base = PackedNetwork<decltype(Model::config)>;

  explicit StreamNetwork(const decltype(Model::config)& c) : Base(c) {}

  void Pack() {
    Base::Pack();
    Read();
  }

  void Convert(const WeightChoice& choice) {
    Base::Convert(choice);
    Read();
  }

  void Read() { ASSERT_EQ(Model::Read(this->Bytes(), this->Size(), &model).message(), ""); }

  // Of streams before their first step.
  AlignedFloats State(int batch) const {
    AlignedFloats state(model.state_bytes / sizeof(float) * static_cast<size_t>(batch));
    ResetState(model, batch, reinterpret_cast<uint8_t*>(state.data()));
    return state;
  }

  Model model;
};

}  // namespace tfopt::test

#endif  // TFOPT_ENGINE_MODELS_NETWORK_TESTING_H_
