// What g2p refuses: odd configs and weights, damaged packed models, impossible words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "engine/models/g2p_testing.h"

namespace tfopt {
namespace {

using ::testing::HasSubstr;
using test::G2pBatch;
using test::G2pModel;

G2pConfig Config(G2pArchitecture architecture) {
  const int embedding = architecture == G2pArchitecture::kGru ? 2 : 0;
  return {architecture, 9, 6, embedding, 3, 4, 0, 1};
}

const G2pArchitecture kBoth[] = {G2pArchitecture::kGru, G2pArchitecture::kAttentionGru};

std::string Decode(G2pModel& model, size_t bytes, int time, std::vector<int32_t> ids,
                   std::vector<int32_t> lengths, int threads = 1) {
  std::vector<int32_t> phonemes(lengths.size() * static_cast<size_t>(model.config.max_phonemes));
  return DecodeG2p(*test::AllKernels().back(), model.Bytes(), bytes,
                   static_cast<int>(lengths.size()), time, ids.data(), lengths.data(), threads,
                   phonemes.data())
      .message();
}

TEST(G2pConfig, IsReadAsItWasWritten) {
  for (G2pArchitecture architecture : kBoth) {
    const G2pConfig config = Config(architecture);
    G2pConfig read;
    EXPECT_EQ(G2pConfig::FromIntegers(config.ToIntegers(), &read).message(), "");
    EXPECT_EQ(read.ToIntegers(), config.ToIntegers());
    EXPECT_EQ(TensorsOf(config).size(), architecture == G2pArchitecture::kGru ? 12u : 15u);
  }
}

TEST(G2pConfig, EverySettingIsChecked) {
  const char* names[] = {"architecture", "graphemes",    "phonemes",      "embedding",
                         "hidden",       "max_phonemes", "start_phoneme", "end_phoneme"};
  for (G2pArchitecture architecture : kBoth) {
    for (size_t i = 0; i < 8; ++i) {
      for (int32_t value : {-1, std::numeric_limits<int32_t>::min(), 10001,
                            std::numeric_limits<int32_t>::max()}) {
        std::vector<int32_t> integers = Config(architecture).ToIntegers();
        integers[i] = value;
        G2pConfig read;
        const std::string message = G2pConfig::FromIntegers(integers, &read).message();
        EXPECT_THAT(message, HasSubstr("config: " + std::string(names[i]) + ": expected an integer from"));
        EXPECT_THAT(message, HasSubstr("got " + std::to_string(value)));
      }
    }
  }
  G2pConfig read;
  EXPECT_EQ(G2pConfig::FromIntegers({1, 2}, &read).message(), "config: expected 8 integers, got 2");
  G2pConfig config = Config(G2pArchitecture::kAttentionGru);
  config.embedding = 1;
  EXPECT_EQ(config.Check().message(), "config: embedding: expected an integer from 0 to 0, got 1");
  config = Config(G2pArchitecture::kGru);
  config.start_phoneme = 6;
  EXPECT_EQ(config.Check().message(), "config: start_phoneme: expected an integer from 0 to 5, got 6");
}

TEST(PackG2p, TensorsAreChecked) {
  for (G2pArchitecture architecture : kBoth) {
    const G2pConfig config = Config(architecture);
    const G2pModel model = test::RandomG2p(config, 1);
    std::vector<Tensor> tensors = model.Tensors();
    const std::string count = std::to_string(tensors.size());
    tensors.pop_back();
    EXPECT_EQ(PackModel(config, tensors, nullptr).message(),
              "weights: expected " + count + " tensors, got " + std::to_string(tensors.size()));
    for (size_t i = 0; i < model.values.size(); ++i) {
      const std::string name = "weights[" + std::to_string(i) + "] (";
      tensors = model.Tensors();
      tensors[i].size -= 1;
      const std::string wrong_size = PackModel(config, tensors, nullptr).message();
      EXPECT_THAT(wrong_size, HasSubstr(name));
      EXPECT_THAT(wrong_size, HasSubstr("values, got " + std::to_string(tensors[i].size)));
      for (float value : {std::numeric_limits<float>::quiet_NaN(),
                          -std::numeric_limits<float>::infinity()}) {
        std::vector<float> odd = model.values[i];
        odd.back() = value;
        tensors = model.Tensors();
        tensors[i].data = odd.data();
        const std::string message = PackModel(config, tensors, nullptr).message();
        EXPECT_THAT(message, HasSubstr(name));
        EXPECT_THAT(message, HasSubstr("expected finite values"));
      }
    }
  }
}

TEST(PackG2p, NamesTheTensor) {
  const G2pModel model = test::RandomG2p(Config(G2pArchitecture::kAttentionGru), 1);
  std::vector<Tensor> tensors = model.Tensors();
  tensors[12].size = 5;
  EXPECT_EQ(PackModel(model.config, tensors, nullptr).message(),
            "weights[12] (attention.output_kernel): expected 27 values, got 5");
}

TEST(G2p, WordsAreChecked) {
  G2pModel model = test::RandomG2p(Config(G2pArchitecture::kGru), 1);
  const size_t bytes = model.Size();
  EXPECT_EQ(Decode(model, bytes, 2, {0, 1, 8, -1}, {2, 1}), "");
  EXPECT_EQ(Decode(model, bytes, 2, {0, 1, 9, 0}, {2, 1}),
            "ids[1, 0]: expected an integer from 0 to 8, got 9");
  EXPECT_EQ(Decode(model, bytes, 2, {0, -1, 1, 0}, {2, 1}),
            "ids[0, 1]: expected an integer from 0 to 8, got -1");
  EXPECT_EQ(Decode(model, bytes, 2, {0, 1, 1, 0}, {2, 0}),
            "lengths[1]: expected an integer from 1 to 2, got 0");
  EXPECT_EQ(Decode(model, bytes, 2, {0, 1, 1, 0}, {3, 1}),
            "lengths[0]: expected an integer from 1 to 2, got 3");
  EXPECT_EQ(Decode(model, bytes, 1, {0}, {1}, 0), "threads: expected an integer of at least 1, got 0");
}

TEST(G2p, TruncatedAndExtendedModelsAreRefused) {
  for (G2pArchitecture architecture : kBoth) {
    G2pModel model = test::RandomG2p(Config(architecture), 1);
    for (size_t bytes : {size_t{0}, size_t{31}, size_t{64}, model.Size() - 64, model.Size() - 1}) {
      EXPECT_THAT(Decode(model, bytes, 1, {0}, {1}), HasSubstr("packed: expected")) << bytes;
    }
  }
}

// Every byte of the header, damaged: refused, or a config that the size fits and that can be run.
TEST(G2p, DamagedHeadersAreRefusedOrHarmless) {
  for (G2pArchitecture architecture : kBoth) {
    G2pModel model = test::RandomG2p(Config(architecture), 1);
    for (size_t place = 0; place < model.HeaderSize(); ++place) {
      for (uint8_t value : std::initializer_list<uint8_t>{0x00, 0x01, 0x02, 0x05, 0x7F, 0x80, 0xFF}) {
        const uint8_t before = model.Bytes()[place];
        model.Bytes()[place] = value;
        G2pConfig read;
        if (ReadG2pConfig(model.Bytes(), model.Size(), &read).ok()) {
          size_t bytes = 0;
          EXPECT_TRUE(PackedBytes(read, &bytes).ok());
          EXPECT_EQ(bytes, model.Size());
          G2pModel other = test::RandomG2p(Config(architecture), 1);
          std::memcpy(other.Bytes(), model.Bytes(), model.Size());
          other.config = read;
          const G2pBatch words({{0}, {0, 0, 0}});
          for (int32_t phoneme : words.Decode(*test::AllKernels().back(), other)) {
            EXPECT_TRUE(phoneme >= 0 && phoneme < read.phonemes);
          }
        } else {
          EXPECT_NE(Decode(model, model.Size(), 1, {0}, {1}), "");
        }
        model.Bytes()[place] = before;
      }
    }
    EXPECT_EQ(Decode(model, model.Size(), 1, {0}, {1}), "");
  }
}

// Whatever the weights have become, phonemes stay in their range.
TEST(G2p, WeightsThatAreNotNumbersAreHarmless) {
  for (G2pArchitecture architecture : kBoth) {
    G2pModel model = test::RandomG2p(Config(architecture), 1);
    const size_t header = model.HeaderSize();
    std::memset(model.Bytes() + header, 0xFF, model.Size() - header);
    const G2pBatch words({{0, 3}, {1, 2, 3}});
    for (const Kernels* kernels : test::AllKernels()) {
      for (int32_t phoneme : words.Decode(*kernels, model)) {
        EXPECT_TRUE(phoneme >= 0 && phoneme < 6) << IsaName(kernels->isa);
      }
    }
  }
}

}  // namespace
}  // namespace tfopt
