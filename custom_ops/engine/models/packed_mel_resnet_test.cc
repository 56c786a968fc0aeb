// A packed network computes what its weights do, and what does not fit is refused.
#include "engine/models/packed_mel_resnet.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engine/models/network_testing.h"
#include "engine/packing/packed_config.h"
#include "engine/testing.h"

namespace tfopt {
namespace {

const MelResnetConfig kConfig = {{3, 1, 17, 2, 5}};

using Network = test::PackedNetwork<MelResnetConfig>;

// `weights` as MelResnet takes them: one tensor behind another.
Network Packed(const MelResnetConfig& config, const std::vector<float>& weights) {
  std::vector<std::vector<float>> tensors;
  for (const Tensor& tensor : config.Split(weights.data())) {
    tensors.emplace_back(tensor.data, tensor.data + tensor.size);
  }
  return Network(config, std::move(tensors));
}

std::string Read(Network* network, MelResnet* resnet) {
  return ReadMelResnet(network->Bytes(), network->Size(), resnet).message();
}

TEST(PackedMelResnet, ComputesWhatItsWeightsDo) {
  const int count = 19;  // more than are computed at a time
  for (const MelResnetConfig& config : {kConfig, MelResnetConfig{{1, 0, 1, 0, 1}}}) {
    const std::vector<float> weights = test::Random(config.weights(), 1, 0.3f);
    Network packed = Packed(config, weights);
    MelResnet resnet;
    ASSERT_EQ(Read(&packed, &resnet), "");
    const int channels = config.mel_channels;
    const auto frames =
        test::Random(static_cast<size_t>((count + 2 * config.pad) * channels), 2);
    std::vector<float> given(static_cast<size_t>(count * config.outputs)), expected(given);
    MelResnet::Scratch scratch(config);
    for (const Kernels* kernels : test::AllKernels()) {
      MelResnet(config, weights.data())
          .Compute(*kernels, frames.data(), count, &scratch, expected.data());
      resnet.Compute(*kernels, frames.data(), count, &scratch, given.data());
      EXPECT_TRUE(test::SameBits(given.data(), expected.data(), given.size()));
    }
  }
}

TEST(PackedMelResnet, HasTheTensorsOfTheConfig) {
  std::string listed;
  for (const ExpectedTensor& tensor : TensorsOf(MelResnetConfig{{80, 2, 128, 1, 64}})) {
    listed += tensor.name;
    for (int dimension : tensor.shape) listed += " " + std::to_string(dimension);
    listed += "\n";
  }
  EXPECT_EQ(listed,
            "resnet.input.kernel 5 80 128\nresnet.input.bias 128\n"
            "resnet.blocks.0.0.kernel 128 128\nresnet.blocks.0.0.bias 128\n"
            "resnet.blocks.0.1.kernel 128 128\nresnet.blocks.0.1.bias 128\n"
            "resnet.output.kernel 128 64\nresnet.output.bias 64\n");
}

TEST(PackedMelResnet, NamesTheTensorAtFault) {
  std::vector<float> weights = test::Random(kConfig.weights(), 1);
  const std::vector<Tensor> good = kConfig.Split(weights.data());
  const std::vector<ExpectedTensor> names = TensorsOf(kConfig);
  ASSERT_EQ(names.size(), good.size());
  for (size_t i = 0; i < good.size(); ++i) {
    const std::string name = "weights[" + std::to_string(i) + "] (" + names[i].name + "): ";
    std::vector<Tensor> tensors = good;
    --tensors[i].size;
    EXPECT_EQ(PackModel(kConfig, tensors, nullptr).message(),
              name + "expected " + std::to_string(good[i].size) + " values, got " +
                  std::to_string(tensors[i].size));
    float& value = weights[static_cast<size_t>(good[i].data - weights.data()) + good[i].size - 1];
    const float kept = value;
    value = std::numeric_limits<float>::infinity();
    const std::string infinite = PackModel(kConfig, good, nullptr).message();
    EXPECT_EQ(infinite.find(name + "expected finite values, got inf"), 0u);
    value = kept;
  }
  std::vector<Tensor> few = good;
  few.pop_back();
  EXPECT_EQ(PackModel(kConfig, few, nullptr).message(), "weights: expected 12 tensors, got 11");
}

TEST(PackedMelResnet, RefusesAConfigThatCannotBe) {
  const auto message = [](const std::vector<int32_t>& integers) {
    MelResnetConfig config;
    return MelResnetConfig::FromIntegers(integers, &config).message();
  };
  EXPECT_EQ(message({80, 2, 128, 10, 128}), "");
  EXPECT_EQ(message({10000, 100, 10000, 1000, 40000}), "");
  EXPECT_EQ(message({80, 2, 128, 10}), "config: expected 5 integers, got 4");
  EXPECT_EQ(message({80, -1, 128, 10, 128}),
            "config: pad: expected an integer from 0 to 100, got -1");
  const char* const names[] = {"mel_channels", "pad", "channels", "blocks", "outputs"};
  const int most[] = {10000, 100, 10000, 1000, 40000};
  for (size_t i = 0; i < 5; ++i) {
    for (int bad : {-1, most[i] + 1, std::numeric_limits<int>::max()}) {
      std::vector<int32_t> integers = {80, 2, 128, 10, 128};
      integers[i] = bad;
      EXPECT_EQ(message(integers).find("config: " + std::string(names[i]) + ": expected"), 0u);
    }
  }
}

TEST(PackedMelResnet, RefusesBytesThatDoNotFitTheirConfig) {
  Network packed = Packed(kConfig, test::Random(kConfig.weights(), 1));
  MelResnet resnet;
  const size_t begin = WeightFormat().ToIntegers().size();  // where the config stands
  const auto with = [&](size_t place, int32_t integer) {
    std::vector<int32_t> integers = PackedIntegers(kConfig, {});
    integers[begin + place] = integer;
    WriteHeader(PackedKind::kMelResnet, integers, packed.Size(), packed.Bytes());
    return Read(&packed, &resnet);
  };
  EXPECT_EQ(with(0, 3), "");
  EXPECT_EQ(with(3, 3).find("packed: expected "), 0u);
  EXPECT_EQ(with(1, 101), "packed: config: pad: expected an integer from 0 to 100, got 101");
  WriteHeader(PackedKind::kMelResnet, {0, 0, 1, 2, 3}, packed.Size(), packed.Bytes());
  EXPECT_EQ(Read(&packed, &resnet), "packed: config: expected 5 integers, got 3");
  for (int32_t type : {1, 2, 3}) {
    WeightFormat format;
    format.type = WeightType{type};
    WriteHeader(PackedKind::kMelResnet, PackedIntegers(kConfig, format), packed.Size(),
                packed.Bytes());
    EXPECT_EQ(Read(&packed, &resnet),
              "packed: weights: expected dense float32 ones in a residual network");
  }
  WriteHeader(PackedKind::kWavernn, {1, 2, 3}, packed.Size(), packed.Bytes());
  EXPECT_EQ(Read(&packed, &resnet), "packed: expected a packed mel_resnet, got a wavernn");
}

}  // namespace
}  // namespace tfopt
