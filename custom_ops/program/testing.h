// Model files and temporary files, which several tests share.
#ifndef TFOPT_PROGRAM_TESTING_H_
#define TFOPT_PROGRAM_TESTING_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/layers/mel_resnet.h"
#include "engine/models/g2p_testing.h"
#include "engine/models/wavenet_testing.h"
#include "engine/models/wavernn_testing.h"
#include "engine/models/weight_conversion.h"
#include "engine/packing/model_file_testing.h"

namespace tfopt::test {

// Sections in the order of their names.
using Sections = std::map<std::string, Bytes>;

inline Bytes File(PackedKind kind, const Sections& sections) {
  return MakeModelFile(kind, {sections.begin(), sections.end()});
}

// A small WaveNet with every section that there is.
inline WavenetConfig EverythingConfig() {
  WavenetConfig config = CategoricalWavenet(5, 7, 9, 11, 13, {1, 3, 2});
  config.local_channels = 3;
  config.global_channels = 2;
  return config;
}

inline Sections WavenetSections(const WavenetConfig& config = EverythingConfig()) {
  RandomWavenet network(config);
  const bool classes = config.output == OutputKind::kCategorical;
  std::vector<int32_t> factors;
  std::vector<float> phases, amplitudes, speakers;
  if (config.local_channels > 0) {
    factors = {3, 2};
    phases = Random(3 * (3 + 2), 8);
  }
  for (int i = 0; i < (classes ? config.outputs : 0); ++i) {
    amplitudes.push_back(static_cast<float>(2 * i) / static_cast<float>(config.outputs - 1) - 1.0f);
  }
  if (config.global_channels > 0) speakers = Random(4 * static_cast<size_t>(config.global_channels), 9);
  return {{"name", "a WaveNet"},
          {"model", Bytes(reinterpret_cast<const char*>(network.Bytes()), network.Size())},
          {"sample_rate", AsBytes<int32_t>({8000})},
          {"amplitudes", AsBytes(amplitudes)},
          {"upsampling.factors", AsBytes(factors)},
          {"upsampling.phases", AsBytes(phases)},
          {"speakers", AsBytes(speakers)}};
}

// A WaveRNN of these settings.
inline Sections WavernnSections(const WavernnConfig& config, int pad = 2) {
  RandomWavernn network(config);
  const MelResnetShape resnet = {config.mel_channels, pad, 17, 2,
                                 config.aux_parts() * config.aux_channels};
  std::vector<float> amplitudes;
  const int classes = config.bits == 0 ? 0 : 1 << config.bits;
  for (int i = 0; i < classes; ++i) {
    amplitudes.push_back(static_cast<float>(2 * i) / static_cast<float>(classes - 1) - 1.0f);
  }
  return {{"name", "a WaveRNN"},
          {"model", Bytes(reinterpret_cast<const char*>(network.Bytes()), network.Size())},
          {"sample_rate", AsBytes<int32_t>({8000})},
          {"amplitudes", AsBytes(amplitudes)},
          {"upsampling.factors", AsBytes<int32_t>({3, 2})},
          {"upsampling.phases", AsBytes(Random(3 * (3 + 2), 8))},
          {"resnet.shape", AsBytes<int32_t>({pad, 17, 2})},
          {"resnet.weights", AsBytes(Random(resnet.weights(), 9, 0.3f))}};
}

// A small grapheme-to-phoneme model of the letters a to e, which are graphemes 2 to 6; 0 is unknown, 1 the
// end. Code points from 'g' on are unknown, 'f' and lower ones than 'a' are dropped.
inline G2pModel G2pExample() {
  G2pConfig config;
  config.graphemes = 7;
  config.phonemes = 6;
  config.embedding = 5;
  config.hidden = 9;
  config.max_phonemes = 8;
  config.end_phoneme = 1;
  return RandomG2p(config, 3);
}

inline Sections G2pSections() {
  G2pModel model = G2pExample();
  std::vector<int32_t> table(104, -1);
  for (int c = 'a'; c <= 'e'; ++c) table[static_cast<size_t>(c)] = c - 'a' + 2;
  table.back() = 0;
  Bytes phonemes;
  for (const char* phoneme : {"<s>", "</s>", "A", "BB", "C", "\u00f8"}) {
    Put(std::strlen(phoneme), 4, &phonemes);
    phonemes += phoneme;
  }
  return {{"name", "a g2p"},
          {"model", Bytes(reinterpret_cast<const char*>(model.Bytes()), model.Size())},
          {"graphemes", AsBytes(table)},
          {"reading", AsBytes<int32_t>({0, 1, 5})},
          {"phonemes", phonemes}};
}

// The same sections but for one.
inline Sections With(Sections sections, const std::string& name, const Bytes& bytes) {
  sections[name] = bytes;
  return sections;
}

// The same sections with a model of converted weights.
inline Sections Converted(Sections sections, const WeightChoice& choice) {
  AlignedCopy model(sections["model"]);
  Bytes converted;
  const Status status =
      ConvertWeights(model.data(), model.size(), choice, [&](size_t bytes, uint8_t** buffer) {
        converted.resize(bytes);
        *buffer = reinterpret_cast<uint8_t*>(converted.data());
        return Status();
      });
  EXPECT_EQ(status.message(), "");
  return With(std::move(sections), "model", converted);
}

// Flips up to three bits at random places.
inline Bytes Flipped(Bytes bytes, std::mt19937* random) {
  for (auto flips = 1 + (*random)() % 3; flips > 0; --flips) {
    bytes[(*random)() % bytes.size()] ^= static_cast<char>(1u << (*random)() % 8);
  }
  return bytes;
}

// A folder that goes when the test ends.
class Folder {
 public:
  Folder() {
    std::string path = ::testing::TempDir() + "tfopt-XXXXXX";
    path_ = mkdtemp(path.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline void WriteFile(const std::string& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline Bytes ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace tfopt::test

#endif  // TFOPT_PROGRAM_TESTING_H_
