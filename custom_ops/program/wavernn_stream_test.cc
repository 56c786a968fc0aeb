#include "program/wavernn_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "program/file_testing.h"
#include "program/stream_testing.h"

namespace tfopt {
namespace {

using test::Floats;
using ::testing::HasSubstr;

using File = test::MemoryFile<WavernnFile, PackedKind::kWavernn>;

std::map<std::string, WavernnConfig> Configs() {
  std::map<std::string, WavernnConfig> all = test::WavernnConfigs();
  all.erase("split, 16 bits");  // large
  return all;
}

AudioSettings Settings() {
  AudioSettings settings;
  settings.seed = 77;
  settings.temperature = 0.9f;
  return settings;
}

// The audio of all frames in one call of the engine, with all frames at hand.
Floats Whole(const WavernnFile& file, const Kernels& kernels, const Floats& frames) {
  const WavernnConfig& config = file.model.config;
  const MelResnetShape& resnet = file.resnet;
  const int channels = config.mel_channels, hop = file.hop_length;
  const int count = static_cast<int>(frames.size()) / channels;
  const ptrdiff_t zeros = ptrdiff_t{resnet.pad} * channels;
  Floats padded(frames.size() + 2 * static_cast<size_t>(zeros));
  std::copy(frames.begin(), frames.end(), padded.begin() + zeros);
  const Floats rows =
      test::Upsampled(padded, channels, file.stages, (count + 2 * resnet.pad) * hop);
  Floats aux(test::Volume({count, resnet.outputs}));
  MelResnet::Scratch scratch(resnet);
  MelResnet(resnet, file.resnet_weights).Compute(kernels, padded.data(), count, &scratch, aux.data());

  const int time = count * hop;
  Floats samples(static_cast<size_t>(time));
  const Floats uniforms = test::FirstUniforms(Settings().seed, time, config.uniforms());
  AlignedFloats state(file.model.state_bytes / sizeof(float));
  WavernnStreams streams;
  streams.batch = 1;
  streams.time = time;
  streams.mels = rows.data() + zeros * hop;
  streams.aux = aux.data();
  streams.frames = count;
  streams.hop = hop;
  streams.state = reinterpret_cast<uint8_t*>(state.data());
  ResetState(file.model, 1, streams.state);
  const float last[] = {0.0f, 0.0f};
  EXPECT_EQ(GenerateWavernn(file.model, kernels, streams, last, uniforms.data(),
                            Settings().temperature, samples.data())
                .message(),
            "");
  return test::Heard(samples, file.amplitudes);
}

TEST(WavernnStream, EqualsTheEngineHoweverItIsCut) {
  for (const auto& [name, config] : Configs()) {
    SCOPED_TRACE(name);
    const int channels = config.mel_channels;
    const Floats frames = test::Random(100 * static_cast<size_t>(channels), 5);
    for (int pad : {0, 1, 3}) {
      const File file(test::WavernnSections(config, pad));
      ASSERT_EQ(file.status.message(), "");
      for (const Kernels* kernels : test::AllKernels()) {
        test::ExpectAudioHoweverCut(
            [&] { return WavernnStream(file.model, *kernels, Settings()); },
            {frames, channels, 1, 100000}, Whole(file.model, *kernels, frames));
      }
    }
  }
}

TEST(WavernnStream, WeightsAreOfAnyType) {
  const test::Sections floats = test::WavernnSections(Configs()["split"]);
  const Floats frames = test::Random(20 * 6, 5);
  for (WeightType type : {WeightType::kBfloat16, WeightType::kInt16, WeightType::kInt8}) {
    const File file(test::Converted(floats, {type, 1.0f, {}}));
    ASSERT_EQ(file.status.message(), "");
    EXPECT_LT(file.copy.size(), File(floats).copy.size());
    for (const Kernels* kernels : test::AllKernels()) {
      test::ExpectAudioHoweverCut([&] { return WavernnStream(file.model, *kernels, Settings()); },
                                  {frames, 6, 1, 100000}, Whole(file.model, *kernels, frames));
    }
  }
}

TEST(WavernnStream, IsAsLongAsItsFramesOrAsWasAskedFor) {
  const File file(test::WavernnSections(Configs()["odd"]));
  ASSERT_EQ(file.status.message(), "");
  EXPECT_EQ(file.model.hop_length, 6);
  const Kernels& kernels = *test::AllKernels().back();
  for (int count : {0, 1, 2, 9}) {
    const Floats frames = test::Random(5 * static_cast<size_t>(count), 5);
    WavernnStream all(file.model, kernels, Settings()), some(file.model, kernels, Settings());
    Floats audio, less;
    size_t early = 0;
    EXPECT_EQ(test::Drain(&all, {frames, 5, 1, 1000}, &audio, &early).message(), "");
    EXPECT_EQ(audio.size(), 6 * static_cast<size_t>(count));
    // All but the frame that is not pushed, and the two that have to be there behind a frame.
    EXPECT_EQ(early, 6 * static_cast<size_t>(std::max(0, count - 3)));
    EXPECT_EQ(test::Drain(&some, {frames, 5, 4, 7}, &less).message(), "");
    EXPECT_EQ(less.size(), std::min<size_t>(7, audio.size()));
    EXPECT_TRUE(test::SameBits(less.data(), audio.data(), less.size()));
  }
}

TEST(WavernnFile, WrongSectionsAreRefused) {
  const test::Sections good = test::WavernnSections(Configs()["odd"]);
  test::ExpectSectionsAreNeeded<File>(good);
  const auto with = [&](const char* name, const test::Bytes& bytes) {
    return File::ErrorOf(test::With(good, name, bytes));
  };
  EXPECT_THAT(with("model", test::WavenetSections()["model"]),
              HasSubstr("expected a packed wavernn, got a wavenet"));
  EXPECT_THAT(with("sample_rate", test::AsBytes<int32_t>({0})), HasSubstr("1 to 1000000, got 0"));
  EXPECT_THAT(with("amplitudes", ""), HasSubstr("32 values, got 0"));
  EXPECT_THAT(with("upsampling.factors", test::AsBytes<int32_t>({3})), HasSubstr("9 values, got 15"));
  EXPECT_THAT(with("resnet.shape", test::AsBytes<int32_t>({2, 17})), HasSubstr("3 values, got 2"));
  EXPECT_THAT(with("resnet.shape", test::AsBytes<int32_t>({-1, 17, 2})),
              HasSubstr("resnet.shape: config: pad: expected an integer from 0 to 100, got -1"));
  EXPECT_THAT(with("resnet.shape", test::AsBytes<int32_t>({2, 0, 2})),
              HasSubstr("channels: expected an integer from 1 to 10000, got 0"));
  EXPECT_THAT(with("resnet.shape", test::AsBytes<int32_t>({2, 17, 1001})),
              HasSubstr("blocks: expected an integer from 0 to 1000, got 1001"));
  EXPECT_THAT(with("resnet.shape", test::AsBytes<int32_t>({100, 10000, 1000})),
              HasSubstr("in section resnet.weights 2"));
  EXPECT_THAT(with("resnet.weights", test::AsBytes(Floats(7))), HasSubstr("values, got 7"));
  Floats weights(good.at("resnet.weights").size() / sizeof(float));
  weights.back() = std::nanf("");
  EXPECT_THAT(with("resnet.weights", test::AsBytes(weights)),
              HasSubstr("in section resnet.weights numbers up to"));
}

TEST(WavernnFile, DamagedFilesDoNoHarm) {
  const test::Sections floats = test::WavernnSections(Configs()["split"]);
  for (const test::Sections& sections :
       {floats, test::Converted(floats, {WeightType::kInt8, 1.0f, {}})}) {
    test::ExpectDamageDoesNoHarm<File>(
        test::File(PackedKind::kWavernn, sections), 1000, [](const WavernnFile& wavernn) {
          WavernnStream stream(wavernn, *test::AllKernels().back(), Settings());
          const int channels = wavernn.model.config.mel_channels;
          const Floats frames = test::Random(3 * static_cast<size_t>(channels), 5);
          Floats audio;
          return test::Drain(&stream, {frames, channels, 2, 20}, &audio);
        });
  }
}

}  // namespace
}  // namespace tfopt
