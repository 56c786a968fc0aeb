#include "program/wavenet_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program/file_testing.h"
#include "program/stream_testing.h"

namespace tfopt {
namespace {

using test::Floats;
using ::testing::HasSubstr;

using File = test::MemoryFile<WavenetFile, PackedKind::kWavenet>;

// The audio of all frames in one call of the engine.
Floats Whole(const WavenetFile& file, const Kernels& kernels, const AudioSettings& settings,
             const Floats& frames, int time) {
  const WavenetConfig& config = file.model.config;
  const Floats rows = test::Upsampled(frames, config.local_channels, file.stages, time);
  const Floats uniforms =
      test::FirstUniforms(settings.seed, time, UniformsPerSample(config.output));
  Floats samples(static_cast<size_t>(time));
  AlignedFloats state(file.model.state_bytes / sizeof(float));
  WavenetStreams streams;
  streams.batch = 1;
  streams.time = time;
  streams.conditioning = rows.data();
  streams.speaker = file.speakers.data + settings.speaker * config.global_channels;
  streams.state = reinterpret_cast<uint8_t*>(state.data());
  ResetState(file.model, 1, streams.state);
  const float last = static_cast<float>(file.amplitudes.size / 2);
  EXPECT_EQ(GenerateWavenet(file.model, kernels, streams, &last, nullptr, 0, uniforms.data(),
                            settings.temperature, samples.data())
                .message(),
            "");
  return test::Heard(samples, file.amplitudes);
}

TEST(WavenetStream, EqualsTheEngineHoweverItIsCut) {
  AudioSettings settings;
  settings.seed = 77;
  settings.temperature = 0.9f;
  for (const auto& [name, config] : test::WavenetConfigs()) {
    SCOPED_TRACE(name);
    const File file(test::WavenetSections(config));
    ASSERT_EQ(file.status.message(), "");
    settings.speaker = config.global_channels > 0 ? 2 : 0;
    const int channels = config.local_channels;
    const Floats frames = test::Random(400 * static_cast<size_t>(channels), 5);
    const int time = channels > 0 ? 2400 : 2100;  // some parts
    for (const Kernels* kernels : test::AllKernels()) {
      test::ExpectAudioHoweverCut(
          [&] { return WavenetStream(file.model, *kernels, settings); },
          {frames, channels, 1, time}, Whole(file.model, *kernels, settings, frames, time));
    }
  }
}

TEST(WavenetStream, WeightsAreOfAnyType) {
  AudioSettings settings;
  const Floats frames = test::Random(40 * 3, 5);
  const File floats(test::WavenetSections());
  for (WeightType type : {WeightType::kBfloat16, WeightType::kInt16, WeightType::kInt8}) {
    const File file(test::Converted(test::WavenetSections(), {type, 1.0f, {}}));
    ASSERT_EQ(file.status.message(), "");
    EXPECT_LT(file.copy.size(), floats.copy.size());
    for (const Kernels* kernels : test::AllKernels()) {
      test::ExpectAudioHoweverCut([&] { return WavenetStream(file.model, *kernels, settings); },
                                  {frames, 3, 1, 240},
                                  Whole(file.model, *kernels, settings, frames, 240));
    }
  }
}

TEST(WavenetStream, ConditioningEndsIt) {
  const File file(test::WavenetSections());
  ASSERT_EQ(file.status.message(), "");
  EXPECT_EQ(file.model.hop_length, 6);
  EXPECT_EQ(file.model.speaker_count(), 4);
  for (int count : {0, 1, 2, 5}) {
    WavenetStream stream(file.model, *test::AllKernels().back(), {});
    Floats audio;
    const Floats frames = test::Random(3 * static_cast<size_t>(count), 5);
    EXPECT_EQ(test::Drain(&stream, {frames, 3, 1, 1000}, &audio).message(), "");
    EXPECT_EQ(audio.size(), 6 * static_cast<size_t>(count));
  }
}

TEST(WavenetFile, WrongSectionsAreRefused) {
  const test::Sections good = test::WavenetSections();
  test::ExpectSectionsAreNeeded<File>(good);
  const auto with = [&](const char* name, const test::Bytes& bytes) {
    return File::ErrorOf(test::With(good, name, bytes));
  };
  EXPECT_THAT(with("model", test::G2pSections()["model"]),
              HasSubstr("expected a packed wavenet, got a g2p"));
  EXPECT_THAT(with("model", good.at("model").substr(0, 640)), HasSubstr("as its header says"));
  EXPECT_THAT(with("sample_rate", ""), HasSubstr("in section sample_rate 1 values, got 0"));
  EXPECT_THAT(with("sample_rate", test::AsBytes<int32_t>({0})), HasSubstr("1 to 1000000, got 0"));
  EXPECT_THAT(with("amplitudes", test::AsBytes<float>({0.5f})), HasSubstr("13 values, got 1"));
  EXPECT_THAT(with("amplitudes", test::AsBytes(Floats(13, 1.5f))), HasSubstr("got 1.5"));
  EXPECT_THAT(with("upsampling.factors", test::AsBytes<int32_t>({3, 0})), HasSubstr("factor of 0"));
  EXPECT_THAT(with("upsampling.factors", test::AsBytes<int32_t>({3, -2})), HasSubstr("of -2"));
  EXPECT_THAT(with("upsampling.factors", test::AsBytes<int32_t>({101, 100})),
              HasSubstr("in section upsampling.phases 303 values, got 15"));
  EXPECT_THAT(with("upsampling.factors", test::AsBytes<int32_t>({3, 3334})),
              HasSubstr("a product from 1 to 10000, got a factor of 3334"));
  EXPECT_THAT(with("upsampling.factors", test::AsBytes<int32_t>({3})), HasSubstr("9 values, got 15"));
  EXPECT_THAT(with("upsampling.phases", test::AsBytes(Floats(15, std::nanf("")))),
              HasSubstr("in section upsampling.phases numbers up to"));
  EXPECT_THAT(with("speakers", ""), HasSubstr("2 values, got 0"));
  EXPECT_THAT(with("speakers", test::AsBytes(Floats(3, 0.0f))), HasSubstr("2 values, got 3"));
  WavenetConfig plain = test::EverythingConfig();
  plain.local_channels = plain.global_channels = 0;
  const test::Sections less = test::WavenetSections(plain);
  EXPECT_EQ(File::ErrorOf(less), "");
  EXPECT_THAT(File::ErrorOf(test::With(less, "upsampling.factors", good.at("upsampling.factors"))),
              HasSubstr("0 values, got 2"));
  EXPECT_THAT(File::ErrorOf(test::With(less, "speakers", good.at("speakers"))),
              HasSubstr("0 values, got 8"));
}

TEST(WavenetFile, DamagedFilesDoNoHarm) {
  const test::Sections floats = test::WavenetSections();
  for (const test::Sections& sections :
       {floats, test::Converted(floats, {WeightType::kInt8, 1.0f, {}})}) {
    test::ExpectDamageDoesNoHarm<File>(
        test::File(PackedKind::kWavenet, sections), 2000, [](const WavenetFile& wavenet) {
          WavenetStream stream(wavenet, *test::AllKernels().back(), {});
          const int channels = wavenet.model.config.local_channels;
          const Floats frames = test::Random(3 * static_cast<size_t>(channels), 5);
          Floats audio;
          return test::Drain(&stream, {frames, channels, 3, 20}, &audio);
        });
  }
}

}  // namespace
}  // namespace tfopt
