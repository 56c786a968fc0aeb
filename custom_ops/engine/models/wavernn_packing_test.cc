// What is refused: weights, configs, packed models and states that do not fit.
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "engine/models/wavernn.h"
#include "engine/models/wavernn_testing.h"

namespace tfopt {
namespace {

using test::CategoricalWavernn;
using test::RandomWavernn;
using test::WavernnConfigs;

std::string PackingError(const RandomWavernn& network) {
  std::vector<uint8_t> buffer(network.Size());
  return PackModel(network.config, network.Tensors(), buffer.data()).message();
}

TEST(WavernnTensors, AreThoseOfTheConfigInItsOrder) {
  WavernnConfig c = CategoricalWavernn(80, 32, 512, 256, 9);
  c.output = WavernnOutput::kSplit;
  c.fc_layers = 1;
  std::string listed;
  for (const ExpectedTensor& tensor : TensorsOf(c)) {
    listed += tensor.name;
    for (int dimension : tensor.shape) listed += " " + std::to_string(dimension);
    listed += "\n";
  }
  EXPECT_EQ(listed,
            "input.kernel 114 512\ninput.bias 512\n"
            "rnn.0.kernel 512 1536\nrnn.0.bias 1536\n"
            "rnn.0.recurrent 512 1536\nrnn.0.recurrent_bias 1536\n"
            "rnn.1.kernel 544 1536\nrnn.1.bias 1536\n"
            "rnn.1.recurrent 512 1536\nrnn.1.recurrent_bias 1536\n"
            "fc.0.kernel 544 256\nfc.0.bias 256\n"
            "output.kernel 256 32\noutput.bias 32\n"
            "fine.kernel 257 256\nfine.bias 256\n"
            "fine.output.kernel 256 16\nfine.output.bias 16\n");
}

TEST(PackWavernn, NamesTheTensorAtFault) {
  for (const char* name : {"split", "two of each"}) {
    const RandomWavernn good(WavernnConfigs()[name]);
    const std::vector<ExpectedTensor> tensors = TensorsOf(good.config);
    for (size_t i = 0; i < good.values.size(); ++i) {
      const std::string expected = "weights[" + std::to_string(i) + "] (" + tensors[i].name + "): ";
      const std::string size = std::to_string(good.values[i].size());
      RandomWavernn network(good.config);
      network.values[i].push_back(0.0f);
      EXPECT_EQ(PackingError(network), expected + "expected " + size + " values, got " +
                                           std::to_string(good.values[i].size() + 1));
      network.values[i].clear();
      EXPECT_EQ(PackingError(network), expected + "expected " + size + " values, got 0");
      for (float bad : {std::numeric_limits<float>::infinity(),
                        std::numeric_limits<float>::quiet_NaN()}) {
        network.values[i] = good.values[i];
        network.values[i].back() = bad;
        EXPECT_EQ(PackingError(network).find(expected + "expected finite values, got "), 0u)
            << PackingError(network);
      }
    }
  }
  const RandomWavernn good(WavernnConfigs()["split"]);
  std::vector<Tensor> few = good.Tensors();
  few.pop_back();
  std::vector<uint8_t> buffer(good.Size());
  EXPECT_EQ(PackModel(good.config, few, buffer.data()).message(),
            "weights: expected 20 tensors, got 19");
}

TEST(PackWavernn, RefusesAnInputProductThatOverflows) {
  for (const char* input : {"input.kernel", "input.bias"}) {
    RandomWavernn network(WavernnConfigs()["odd"]);
    network[input].back() = 1e30f;
    EXPECT_EQ(PackingError(network), "") << "alone it is a number as any other";
    network["rnn.0.kernel"].back() = -1e30f;
    EXPECT_EQ(PackingError(network).find("weights[2] (rnn.0.kernel): expected a product with the input "
                                         "layer that float32 can hold, got -1"),
              0u)
        << PackingError(network);
  }
}

TEST(WavernnConfig, RefusesWhatCannotBe) {
  const auto message = [](const char* name, auto change) {
    WavernnConfig c = WavernnConfigs()[name];
    change(&c);
    return c.Check().message();
  };
  EXPECT_EQ(message("mixture", [](WavernnConfig*) {}), "");
  EXPECT_EQ(message("mixture", [](WavernnConfig* c) { c->rnn_channels = 0; }),
            "config: rnn_channels: expected an integer from 1 to 10000, got 0");
  EXPECT_NE(message("odd", [](WavernnConfig* c) { c->mel_channels = 0; }), "");
  EXPECT_NE(message("odd", [](WavernnConfig* c) { c->aux_channels = -1; }), "");
  EXPECT_EQ(message("odd", [](WavernnConfig* c) { c->fc_channels = 10000; }), "");
  EXPECT_NE(message("odd", [](WavernnConfig* c) { c->fc_channels = 10001; }), "");
  EXPECT_NE(message("odd", [](WavernnConfig* c) { c->rnn_layers = 3; }), "");
  EXPECT_NE(message("odd", [](WavernnConfig* c) { c->fc_layers = 0; }), "");
  EXPECT_NE(message("odd", [](WavernnConfig* c) { c->output = WavernnOutput{3}; }), "");
  EXPECT_NE(message("odd", [](WavernnConfig* c) { c->bits = 17; }), "");
  EXPECT_NE(message("odd", [](WavernnConfig* c) { c->mixtures = 1; }), "");
  EXPECT_EQ(message("split", [](WavernnConfig* c) { c->bits = 7; }),
            "config: bits: expected an integer from 8 to 16, got 7");
  EXPECT_NE(message("mixture", [](WavernnConfig* c) { c->bits = 8; }), "");
  EXPECT_NE(message("mixture", [](WavernnConfig* c) { c->mixtures = 0; }), "");
}

TEST(WavernnConfig, IsReadAsItWasWritten) {
  for (const auto& [name, config] : WavernnConfigs()) {
    WavernnConfig read;
    ASSERT_TRUE(WavernnConfig::FromIntegers(config.ToIntegers(), &read).ok()) << name;
    EXPECT_EQ(read.ToIntegers(), config.ToIntegers());
    EXPECT_EQ(read.output, config.output);
    EXPECT_EQ(read.outputs(), config.outputs());
  }
  const WavernnConfig large = CategoricalWavernn(1, 2, 3, 4, 5);
  EXPECT_EQ(large.ToIntegers(), (std::vector<int32_t>{1, 2, 3, 2, 4, 2, 0, 5, 0}));
  WavernnConfig read;
  EXPECT_EQ(WavernnConfig::FromIntegers({1, 2, 3}, &read).message(),
            "config: expected 9 integers, got 3");
  EXPECT_EQ(WavernnConfig::FromIntegers({1, 2, 3, 2, 4, 2, 7, 5, 0}, &read).message(),
            "config: output: expected an integer from 0 to 2, got 7");
}

TEST(WavernnConfig, SaysWhatFollows) {
  WavernnConfig c = CategoricalWavernn(1, 1, 1, 1, 9);
  EXPECT_EQ(c.outputs(), 512);
  EXPECT_EQ(c.fed(), 1);
  EXPECT_EQ(c.uniforms(), 1);
  EXPECT_EQ(c.aux_parts(), 4);
  c.output = WavernnOutput::kSplit;
  EXPECT_EQ(c.coarse_outputs(), 32);
  EXPECT_EQ(c.fine_outputs(), 16);
  EXPECT_EQ(c.fed(), 2);
  EXPECT_EQ(c.uniforms(), 2);
  c.output = WavernnOutput::kLogisticMixture;
  c.bits = 0;
  c.mixtures = 10;
  EXPECT_EQ(c.outputs(), 30);
  EXPECT_EQ(c.fed(), 1);
  EXPECT_EQ(c.uniforms(), 2);
}

TEST(WavernnRead, RefusesEveryOtherBuffer) {
  RandomWavernn network(WavernnConfigs()["two of each"]);
  const size_t size = network.Size();
  Wavernn model;
  for (size_t length = 0; length < size; ++length) {
    EXPECT_FALSE(Wavernn::Read(network.Bytes(), length, &model).ok()) << length;
  }
  // A changed header either fails or describes a model of the very same size.
  for (size_t byte = 0; byte < network.HeaderSize(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      network.Bytes()[byte] ^= static_cast<uint8_t>(1 << bit);
      if (Wavernn::Read(network.Bytes(), size, &model).ok()) {
        size_t bytes = 0;
        EXPECT_TRUE(PackedBytes(model.config, &bytes).ok() && bytes == size) << byte;
      }
      network.Bytes()[byte] ^= static_cast<uint8_t>(1 << bit);
    }
  }
}

TEST(WavernnState, RefusesAnothersState) {
  const RandomWavernn network(WavernnConfigs()["odd"]);
  AlignedFloats state = network.State(2);
  uint8_t* bytes = reinterpret_cast<uint8_t*>(state.data());
  EXPECT_TRUE(CheckState(network.model, 2, bytes).ok());
  state[network.model.state_bytes / sizeof(float) + 16] =
      std::numeric_limits<float>::quiet_NaN();  // in the second stream
  EXPECT_EQ(CheckState(network.model, 2, bytes).message(),
            "state[1]: expected finite values, got nan");
  bytes[network.model.state_bytes] = 'X';
  EXPECT_EQ(CheckState(network.model, 2, bytes).message(),
            "state[1]: expected a state of this model");
  // As many bytes, but other units.
  WavernnConfig similar = network.config;
  similar.rnn_channels += 1;
  const RandomWavernn other(similar);
  ASSERT_EQ(other.model.state_bytes, network.model.state_bytes);
  AlignedFloats others = other.State(1);
  EXPECT_FALSE(
      CheckState(network.model, 1, reinterpret_cast<uint8_t*>(others.data())).ok());
  AlignedFloats zeros(network.model.state_bytes / sizeof(float));
  EXPECT_FALSE(CheckState(network.model, 1, reinterpret_cast<uint8_t*>(zeros.data())).ok());
}

}  // namespace
}  // namespace tfopt
