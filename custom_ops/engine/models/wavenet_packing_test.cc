// What is refused: weights, configs, packed models and states that do not fit.
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "engine/models/wavenet.h"
#include "engine/models/wavenet_testing.h"

namespace tfopt {
namespace {

using test::WavenetConfigs;
using test::RandomWavenet;

TEST(PackWavenet, NamesTheTensorAtFault) {
  const RandomWavenet good(WavenetConfigs()["conditioned"]);
  for (size_t i = 0; i < good.values.size(); ++i) {
    RandomWavenet network(good.config);
    std::vector<uint8_t> buffer(network.Size());
    network.values[i].push_back(0.0f);
    const Status longer = PackModel(network.config, network.Tensors(), buffer.data());
    EXPECT_EQ(longer.message().find("weights[" + std::to_string(i) + "] ("), 0u)
        << longer.message();
    EXPECT_NE(longer.message().find("expected "), std::string::npos);
    network.values = good.values;
    network.values[i].back() = std::numeric_limits<float>::infinity();
    const Status infinite = PackModel(network.config, network.Tensors(), buffer.data());
    EXPECT_EQ(infinite.message().find("weights[" + std::to_string(i) + "] ("), 0u) << i;
  }
  std::vector<Tensor> few = good.Tensors();
  few.pop_back();
  std::vector<uint8_t> buffer(good.Size());
  EXPECT_EQ(PackModel(good.config, few, buffer.data()).message(),
            "weights: expected 30 tensors, got 29");
}

TEST(WavenetConfig, RefusesWhatCannotBe) {
  const auto message = [](auto change) {
    WavenetConfig c = WavenetConfigs()["mixture"];
    change(&c);
    return c.Check().message();
  };
  EXPECT_EQ(message([](WavenetConfig*) {}), "");
  EXPECT_EQ(message([](WavenetConfig* c) { c->residual = 0; }),
            "config: residual: expected an integer from 1 to 16384, got 0");
  EXPECT_NE(message([](WavenetConfig* c) { c->kernel_size = 1; }), "");
  EXPECT_NE(message([](WavenetConfig* c) { c->dilations = {}; }), "");
  EXPECT_NE(message([](WavenetConfig* c) { c->dilations = {1, 0}; }), "");
  EXPECT_NE(message([](WavenetConfig* c) { c->dilations = {-4}; }), "");
  EXPECT_NE(message([](WavenetConfig* c) { c->outputs = 31; }), "");
  EXPECT_NE(message([](WavenetConfig* c) { c->mixtures = 0; }), "");
  EXPECT_NE(message([](WavenetConfig* c) { c->input_classes = 30; }), "");
  EXPECT_NE(message([](WavenetConfig* c) { c->decoded_classes = 30; }), "");
  EXPECT_NE(message([](WavenetConfig* c) { c->local_channels = -1; }), "");
  EXPECT_EQ(message([](WavenetConfig* c) { c->dilations.assign(20, 1 << 20); }),
            "config: dilations: expected at most 268435456 floats in a stream's queues, got 335544320");
}

TEST(WavenetRead, RefusesEveryOtherBuffer) {
  RandomWavenet network(WavenetConfigs()["one of each"]);
  const size_t size = network.Size();
  Wavenet model;
  for (size_t length = 0; length < size; ++length) {
    EXPECT_FALSE(Wavenet::Read(network.Bytes(), length, &model).ok()) << length;
  }
  // A changed header either fails or describes a model of the very same size.
  for (size_t byte = 0; byte < network.HeaderSize(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      network.Bytes()[byte] ^= static_cast<uint8_t>(1 << bit);
      if (Wavenet::Read(network.Bytes(), size, &model).ok()) {
        size_t bytes = 0;
        EXPECT_TRUE(PackedBytes(model.config, &bytes).ok() && bytes == size) << byte;
      }
      network.Bytes()[byte] ^= static_cast<uint8_t>(1 << bit);
    }
  }
}

TEST(WavenetState, RefusesAnothersState) {
  const RandomWavenet network(WavenetConfigs()["conditioned"]), other(WavenetConfigs()["odd"]);
  AlignedFloats state = network.State(2);
  uint8_t* bytes = reinterpret_cast<uint8_t*>(state.data());
  EXPECT_TRUE(CheckState(network.model, 2, bytes).ok());
  bytes[network.model.state_bytes + 16] = 1;  // the first stream joins the second
  EXPECT_TRUE(CheckState(network.model, 2, bytes).ok());
  bytes[16] = 2;  // which is a step ahead of it
  EXPECT_NE(CheckState(network.model, 2, bytes).message().find(
                "state[1]: expected position 0 or that of the other streams, 2, got 1"),
            std::string::npos);
  bytes[16] = 0;
  bytes[network.model.state_bytes + 23] = 0x80;  // below zero
  EXPECT_NE(CheckState(network.model, 2, bytes).message().find("state[1]"), std::string::npos);
  bytes[network.model.state_bytes + 23] = 0x7f;  // where counting on would overflow
  EXPECT_NE(CheckState(network.model, 2, bytes).message().find("state[1]"), std::string::npos);
  ResetState(network.model, 2, bytes);
  state[16] = 1e9f;  // a past class
  EXPECT_NE(CheckState(network.model, 2, bytes).message().find("past classes"),
            std::string::npos);
  AlignedFloats others = other.State(1);
  ASSERT_GE(other.model.state_bytes, network.model.state_bytes);
  {
    EXPECT_FALSE(
        CheckState(network.model, 1, reinterpret_cast<uint8_t*>(others.data())).ok());
  }
  AlignedFloats zeros(network.model.state_bytes / sizeof(float));
  EXPECT_FALSE(CheckState(network.model, 1, reinterpret_cast<uint8_t*>(zeros.data())).ok());
}

}  // namespace
}  // namespace tfopt
