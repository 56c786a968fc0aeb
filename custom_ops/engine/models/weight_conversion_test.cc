#include "engine/models/weight_conversion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "engine/models/weight_summary.h"
#include "engine/models/weight_types_testing.h"

namespace tfopt {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using test::G2pModel;
using test::RandomWavenet;
using test::RandomWavernn;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

RandomWavenet SmallWavenet() {
  return RandomWavenet(test::CategoricalWavenet(5, 7, 18, 11, 13, {1, 2}));
}

RandomWavernn SmallWavernn() {
  WavernnConfig config = test::CategoricalWavernn(6, 2, 19, 7, 9);
  config.output = WavernnOutput::kSplit;
  return RandomWavernn(config);
}

G2pModel SmallG2p(G2pArchitecture architecture) {
  const int embedding = architecture == G2pArchitecture::kGru ? 3 : 0;
  return test::RandomG2p({architecture, 5, 6, embedding, 9, 4, 0, 1}, 1);
}

// Calls check(network) with a small one of every kind.
template <class Check>
void ForEveryKind(const Check& check) {
  RandomWavenet wavenet = SmallWavenet();
  check(wavenet);
  RandomWavernn wavernn = SmallWavernn();
  check(wavernn);
  for (G2pArchitecture architecture : {G2pArchitecture::kGru, G2pArchitecture::kAttentionGru}) {
    G2pModel g2p = SmallG2p(architecture);
    check(g2p);
  }
}

// Why bytes are not converted; then nothing has been asked for.
std::string Error(const uint8_t* packed, size_t size, const WeightChoice& choice) {
  bool asked = false;
  const Status status = ConvertWeights(packed, size, choice, [&](size_t, uint8_t**) {
    asked = true;
    return Status::Invalid("no room");
  });
  EXPECT_EQ(asked, status.message() == "no room");
  return status.message();
}

template <class Network>
std::string Error(Network& network, const WeightChoice& choice) {
  return Error(network.Bytes(), network.Size(), choice);
}

template <class Network>
WeightSummary Summary(Network& network) {
  WeightSummary summary;
  EXPECT_EQ(SummarizeWeights(network.Bytes(), network.Size(), &summary).message(), "");
  return summary;
}

TEST(ConvertWeights, WithNothingToConvertCopies) {
  ForEveryKind([](auto& network) {
    const std::vector<uint8_t> before(network.Bytes(), network.Bytes() + network.Size());
    network.Convert({WeightType::kFloat32, 0.0f, {}});
    EXPECT_EQ(std::vector<uint8_t>(network.Bytes(), network.Bytes() + network.Size()), before);
    network.Convert({WeightType::kFloat32, 1.0f, {}});
    EXPECT_EQ(std::vector<uint8_t>(network.Bytes(), network.Bytes() + network.Size()), before)
        << "no block is zero";
    EXPECT_EQ(Summary(network).compute_type, "float32");
    EXPECT_EQ(Summary(network).density, 1.0);
  });
}

TEST(ConvertWeights, ToEveryType) {
  const char* const names[] = {"float32", "bfloat16", "int16", "int8"};
  for (int type = 1; type < kWeightTypes; ++type) {
    ForEveryKind([&](auto& network) {
      const size_t before = network.Size();
      network.Convert({WeightType{type}, 0.0f, {}});
      EXPECT_LT(network.Size(), before);
      EXPECT_EQ(Summary(network).compute_type, names[type]);
      EXPECT_EQ(Summary(network).density, 1.0);
      for (const Matrix& w : test::MatricesOf(network.Bytes(), network.Size())) {
        EXPECT_EQ(w.type, WeightType{type});
        EXPECT_EQ(w.input_scale, 0.0f);
      }
    });
  }
}

TEST(ConvertWeights, MatricesBecomeSparseUpToADensity) {
  RandomWavenet network = SmallWavenet();
  // Of the last matrix, 16 outputs, 11 inputs: four blocks of one input, and so two of three of four inputs.
  const Matrix last = network.model.weights.end1;
  for (int i = 4; i < 11; ++i) {
    for (int o = 0; o < 16; ++o) test::SetWeight(last, i, o, 0.0f);
  }
  const auto blocks = [&](WeightType type, float most_density) {
    RandomWavenet converted = SmallWavenet();
    std::copy_n(network.Bytes(), network.Size(), converted.Bytes());
    converted.Convert({type, most_density, {}});
    const Matrix& w = converted.model.weights.end1;
    if (w.block_starts == nullptr) return -1;
    return static_cast<int>(w.block_starts[w.outputs / OutputsPerBlock(type)]);
  };
  EXPECT_EQ(blocks(WeightType::kFloat32, 0.36f), -1);
  EXPECT_EQ(blocks(WeightType::kFloat32, 0.37f), 4);
  EXPECT_EQ(blocks(WeightType::kBfloat16, 0.37f), 4);
  EXPECT_EQ(blocks(WeightType::kInt16, 1.0f), -1) << "there are none of int16";
  EXPECT_EQ(blocks(WeightType::kInt8, 0.33f), -1);
  EXPECT_EQ(blocks(WeightType::kInt8, 0.34f), 2) << "of eight outputs";
}

TEST(SummarizeWeights, SaysTypeAndDensity) {
  RandomWavenet network = SmallWavenet();
  const size_t matrices = test::MatricesOf(network.Bytes(), network.Size()).size();
  network.Convert({WeightType::kInt8, 0.0f, std::vector<float>(matrices, 0.5f)});
  EXPECT_EQ(Summary(network).compute_type, "int8_static");
  EXPECT_EQ(Summary(network).density, 1.0);

  RandomWavenet sparse = SmallWavenet();
  double stored = 0.0, all = 0.0;
  for (const Matrix& w : test::MatricesOf(sparse.Bytes(), sparse.Size())) {
    for (int i = 0; i < w.inputs; ++i) {
      for (int o = 0; o < w.outputs; ++o) {
        const bool zero = o >= kPanel;
        if (zero) test::SetWeight(w, i, o, 0.0f);
        ++all;
        stored += zero ? 0 : 1;
      }
    }
  }
  sparse.Convert({WeightType::kFloat32, 1.0f, {}});
  EXPECT_EQ(Summary(sparse).compute_type, "float32");
  EXPECT_NEAR(Summary(sparse).density, stored / all, 1e-9);
  EXPECT_LT(Summary(sparse).density, 0.9);
}

TEST(ConvertWeights, OtherBytesAreRefused) {
  const WeightChoice choice = {WeightType::kInt8, 0.0f, {}};
  std::vector<uint8_t> bytes(256);
  const auto with_kind = [&](PackedKind kind) {
    WriteHeader(kind, {0, 0, 1, 1}, bytes.size(), bytes.data());
    return Error(bytes.data(), bytes.size(), choice);
  };
  EXPECT_EQ(with_kind(PackedKind::kMatrix),
            "packed: expected a packed wavenet, wavernn or g2p, got a matrix");
  EXPECT_EQ(with_kind(PackedKind::kMelResnet),
            "packed: expected a packed wavenet, wavernn or g2p, got a mel_resnet");
  EXPECT_EQ(with_kind(PackedKind{9}),
            "packed: expected a packed wavenet, wavernn or g2p, got a kind 9");
  EXPECT_THAT(with_kind(PackedKind::kG2p), StartsWith("packed: config: "));
  EXPECT_THAT(Error(bytes.data(), 31, choice), StartsWith("packed: expected a packed model"));
  WeightSummary summary;
  EXPECT_THAT(SummarizeWeights(bytes.data(), 31, &summary).message(),
              StartsWith("packed: expected a packed model"));
  ForEveryKind([&](auto& network) {
    EXPECT_THAT(Error(network.Bytes(), network.Size() - 1, choice), StartsWith("packed: expected"));
    test::SetWeight(test::MatricesOf(network.Bytes(), network.Size()).front(), 2, 1, kNan);
    EXPECT_EQ(Error(network, choice), "packed: expected finite weights, got nan");
  });
}

TEST(ConvertWeights, ConvertedModelsAreRefused) {
  for (const test::TypeCase& c : test::TypeCases()) {
    ForEveryKind([&](auto& network) {
      Prune(&network);
      network.Convert(c.choice);
      for (const test::TypeCase& again : test::TypeCases()) {
        EXPECT_EQ(Error(network, again.choice),
                  "packed: expected dense weights of float32, got converted ones")
            << c.name << ", then " << again.name;
      }
    });
  }
}

TEST(ConvertWeights, ChoicesAreChecked) {
  ForEveryKind([](auto& network) {
    for (float density : {-0.1f, 1.1f, kNan, kInfinity}) {
      EXPECT_EQ(Error(network, {WeightType::kInt8, density, {}}),
                "most_density: expected a number from 0 to 1, got " + std::to_string(density));
    }
    const size_t count = test::MatricesOf(network.Bytes(), network.Size()).size();
    for (size_t given : {count - 1, count + 1}) {
      EXPECT_EQ(Error(network, {WeightType::kInt8, 0.0f, std::vector<float>(given, 1.0f)}),
                "input_scales: expected one for each of " + std::to_string(count) +
                    " matrices, got " + std::to_string(given));
    }
    for (WeightType type : {WeightType::kFloat32, WeightType::kBfloat16}) {
      EXPECT_EQ(Error(network, {type, 0.0f, std::vector<float>(count, 1.0f)}),
                "input_scales: expected none, as the weights are no integers, got " +
                    std::to_string(count));
    }
    for (float scale : {kNan, kInfinity, -1.0f, 0x1p-101f}) {
      std::vector<float> scales(count, 1.0f);
      scales[count - 1] = scale;
      EXPECT_EQ(Error(network, {WeightType::kInt16, 0.0f, scales}),
                "input_scales[" + std::to_string(count - 1) +
                    "]: expected 0 or a finite number from 2^-100 on, got " +
                    std::to_string(scale));
    }
    EXPECT_EQ(Error(network, {WeightType::kInt8, 1.0f, std::vector<float>(count, 0.0f)}),
              "no room");
  });
}

// --- Damage ---

// Computes with a model, or says why it cannot.
Status Use(RandomWavenet& network) {
  Wavenet model;
  TFOPT_RETURN_IF_ERROR(Wavenet::Read(network.Bytes(), network.Size(), &model));
  if (model.state_bytes > (size_t{1} << 20)) return {};  // a damaged dilation
  AlignedFloats state(model.state_bytes / sizeof(float));
  const test::WavenetInputs in(model.config, 1, 3);
  const WavenetStreams streams = in.Streams(&state);
  ResetState(model, 1, streams.state);
  std::vector<float> logits(test::Volume({in.time, model.config.outputs}));
  return WavenetLogits(model, *test::AllKernels().back(), streams, in.fed.data(), logits.data());
}

Status Use(RandomWavernn& network) {
  Wavernn model;
  TFOPT_RETURN_IF_ERROR(Wavernn::Read(network.Bytes(), network.Size(), &model));
  AlignedFloats state(model.state_bytes / sizeof(float));
  const test::WavernnInputs in(model.config, 1, 3);
  const WavernnStreams streams = in.Streams(&state);
  ResetState(model, 1, streams.state);
  std::vector<float> logits(test::Volume({in.time, model.config.outputs()}));
  return WavernnLogits(model, *test::AllKernels().back(), streams, in.fed.data(),
                       in.targets.data(), logits.data());
}

Status Use(G2pModel& model) {
  G2pConfig config;
  TFOPT_RETURN_IF_ERROR(ReadG2pConfig(model.Bytes(), model.Size(), &config));
  const int32_t ids[] = {0, 0}, lengths[] = {2};
  std::vector<int32_t> phonemes(test::Volume({config.max_phonemes}));
  TFOPT_RETURN_IF_ERROR(DecodeG2p(*test::AllKernels().back(), model.Bytes(), model.Size(), 1, 2,
                                  ids, lengths, 1, phonemes.data()));
  for (int32_t phoneme : phonemes) EXPECT_TRUE(phoneme >= 0 && phoneme < config.phonemes);
  return {};
}

// Every byte of the header and of the tables of blocks, damaged: refused, or harmless to use. Sanitizers tell.
TEST(ConvertWeights, DamagedResultsAreRefusedOrHarmless) {
  for (WeightType type : {WeightType::kFloat32, WeightType::kBfloat16, WeightType::kInt8}) {
    ForEveryKind([&](auto& network) {
      Prune(&network);
      network.Convert({type, 1.0f, {}});
      const std::vector<Matrix> matrices = test::MatricesOf(network.Bytes(), network.Size());
      std::vector<size_t> places;
      const auto add = [&](const void* begin, size_t bytes) {
        const auto first = static_cast<size_t>(static_cast<const uint8_t*>(begin) - network.Bytes());
        for (size_t i = 0; i < bytes; ++i) places.push_back(first + i);
      };
      uint64_t integers = 0;
      std::memcpy(&integers, network.Bytes() + 24, sizeof(integers));
      add(network.Bytes(), HeaderBytes(integers));
      size_t sparse = 0;
      for (const Matrix& w : matrices) {
        if (w.block_starts == nullptr) continue;
        ++sparse;
        const size_t rows = static_cast<size_t>(w.outputs / OutputsPerBlock(type));
        add(w.block_starts, (rows + 1) * sizeof(uint32_t));
        add(w.block_inputs, w.block_starts[rows] * sizeof(uint16_t));
      }
      EXPECT_GT(sparse, 0u);
      EXPECT_EQ(Use(network).message(), "");
      int used = 0, refused = 0;
      for (size_t place : places) {
        for (uint8_t flipped : std::initializer_list<uint8_t>{0x01, 0x10, 0x80, 0xFF}) {
          network.Bytes()[place] ^= flipped;
          ++(Use(network).ok() ? used : refused);
          network.Bytes()[place] ^= flipped;
        }
      }
      EXPECT_GT(used, 0);
      EXPECT_GT(refused, static_cast<int>(places.size()));
    });
  }
}

}  // namespace
}  // namespace tfopt
