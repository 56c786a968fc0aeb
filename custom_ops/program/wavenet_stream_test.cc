#include "program/wavenet_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/sampling/philox.h"
#include "program/testing.h"

namespace tfopt {
namespace {

using ::testing::HasSubstr;

using Floats = std::vector<float>;

struct File {
  explicit File(const test::Sections& sections)
      : copy(test::File(PackedKind::kWavenet, sections)) {
    ModelFile file;
    status = ModelFile::Read(copy.data(), copy.size(), &file);
    if (status.ok()) status = WavenetFile::Read(file, &wavenet);
  }

  test::AlignedCopy copy;
  WavenetFile wavenet;
  Status status;
};

std::string ErrorOf(const test::Sections& sections) { return File(sections).status.message(); }

// The audio of all frames, pushed `push` at a time; or an error.
Floats Streamed(const WavenetFile& file, const Kernels& kernels, const AudioSettings& settings,
                const Floats& frames, int push, int64_t most, std::string* error) {
  WavenetStream stream(file, kernels, settings);
  const int channels = file.model.config.local_channels;
  const int count = channels == 0 ? 0 : static_cast<int>(frames.size()) / channels;
  Floats audio;
  int pushed = 0;
  bool ended = false;
  while (most > 0) {
    const float* part = nullptr;
    int size = 0;
    const Status status = stream.Generate(most, &part, &size);
    *error = status.message();
    if (!status.ok()) return {};
    audio.insert(audio.end(), part, part + size);
    most -= size;
    if (size > 0) continue;
    if (ended) break;
    const int now = std::min(push, count - pushed);
    if (now > 0) stream.Push(frames.data() + pushed * channels, now);
    pushed += now;
    ended = now == 0;
    if (ended) stream.End();
  }
  return audio;
}

// The same in one call of the engine.
Floats Whole(const WavenetFile& file, const Kernels& kernels, const AudioSettings& settings,
             const Floats& frames, int time) {
  const WavenetConfig& config = file.model.config;
  const auto size = static_cast<size_t>(time), local = static_cast<size_t>(config.local_channels);
  Floats rows(size * local), samples(size);
  Floats uniforms(size * static_cast<size_t>(UniformsPerSample(config.output)));
  if (local > 0) {
    Upsampling upsampling(config.local_channels, file.stages);
    upsampling.Push(frames.data(), static_cast<int>(frames.size() / local));
    upsampling.End();
    EXPECT_EQ(upsampling.Take(time, rows.data()), time);
  }
  Uniforms(settings.seed, 0, 0, uniforms.size(), uniforms.data());
  AlignedFloats state(file.model.state_bytes / sizeof(float));
  WavenetStreams streams;
  streams.batch = 1;
  streams.time = time;
  streams.conditioning = rows.data();
  streams.speaker = file.speakers.data + settings.speaker * config.global_channels;
  streams.state = reinterpret_cast<uint8_t*>(state.data());
  ResetWavenetState(file.model, 1, streams.state);
  const float last = static_cast<float>(file.amplitudes.size / 2);
  EXPECT_EQ(GenerateWavenet(file.model, kernels, streams, &last, nullptr, 0, uniforms.data(),
                            settings.temperature, samples.data())
                .message(),
            "");
  for (float& sample : samples) {
    if (file.amplitudes.size > 0) sample = file.amplitudes.data[static_cast<size_t>(sample)];
  }
  return samples;
}

TEST(WavenetStream, EqualsTheEngineHoweverItIsCut) {
  AudioSettings settings;
  settings.seed = 77;
  settings.temperature = 0.9f;
  for (const auto& [name, config] : test::Configs()) {
    const File file(test::WavenetSections(config));
    ASSERT_EQ(file.status.message(), "") << name;
    settings.speaker = config.global_channels > 0 ? 2 : 0;
    const Floats frames = test::Random(400 * static_cast<size_t>(config.local_channels), 5);
    const int time = config.local_channels > 0 ? 2400 : 2100;  // some parts
    for (const Kernels* kernels : test::AllKernels()) {
      const Floats expected = Whole(file.wavenet, *kernels, settings, frames, time);
      for (int push : {1, 7, 400}) {
        std::string error;
        const Floats audio =
            Streamed(file.wavenet, *kernels, settings, frames, push, time, &error);
        ASSERT_EQ(error, "") << name;
        ASSERT_EQ(audio.size(), expected.size()) << name;
        ASSERT_TRUE(test::SameBits(audio.data(), expected.data(), audio.size())) << name;
      }
    }
  }
}

TEST(WavenetStream, ConditioningEndsIt) {
  const File file(test::WavenetSections());
  ASSERT_EQ(file.status.message(), "");
  EXPECT_EQ(file.wavenet.hop_length, 6);
  EXPECT_EQ(file.wavenet.speaker_count(), 4);
  const Kernels& kernels = *test::AllKernels().back();
  for (int count : {0, 1, 2, 5}) {
    std::string error;
    const Floats audio = Streamed(file.wavenet, kernels, {},
                                  test::Random(3 * static_cast<size_t>(count), 5), 1, 1000, &error);
    EXPECT_EQ(error, "");
    EXPECT_EQ(audio.size(), 6 * static_cast<size_t>(count));
  }
}

TEST(WavenetFile, WrongSectionsAreRefused) {
  const test::Sections good = test::WavenetSections();
  EXPECT_EQ(ErrorOf(good), "");
  for (const auto& [name, bytes] : good) {
    test::Sections less = good;
    less.erase(name);
    EXPECT_EQ(ErrorOf(less),
              name == "name" ? "" : "expected a section " + name + ", found none");
  }
  const auto with = [&](const char* name, const test::Bytes& bytes) {
    return ErrorOf(test::With(good, name, bytes));
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
  EXPECT_EQ(ErrorOf(less), "");
  EXPECT_THAT(ErrorOf(test::With(less, "upsampling.factors", good.at("upsampling.factors"))),
              HasSubstr("0 values, got 2"));
  EXPECT_THAT(ErrorOf(test::With(less, "speakers", good.at("speakers"))),
              HasSubstr("0 values, got 8"));
}

// Whatever bits flip, the file is refused, or gives some audio, or says that it cannot.
TEST(WavenetFile, DamagedFilesDoNoHarm) {
  std::mt19937 random(1);
  const test::Bytes bytes = test::File(PackedKind::kWavenet, test::WavenetSections());
  int accepted = 0, refused = 0;
  for (int i = 0; i < 3000; ++i) {
    // More often where sizes and settings stand than where weights do.
    test::Bytes flipped = test::Flipped(bytes, &random);
    if (i % 2 == 0) flipped = test::Flipped(bytes.substr(0, 1024), &random) + bytes.substr(1024);
    ModelFile file;
    WavenetFile wavenet;
    const test::AlignedCopy copy(flipped);
    Status status = ModelFile::Read(copy.data(), copy.size(), &file);
    if (status.ok()) status = WavenetFile::Read(file, &wavenet);
    if (status.ok()) {
      std::string error;
      const auto channels = static_cast<size_t>(wavenet.model.config.local_channels);
      Streamed(wavenet, *test::AllKernels().back(), {}, test::Random(3 * channels, 5), 3, 20,
               &error);
      if (!error.empty()) status = Status::Invalid(error);
    }
    ++(status.ok() ? accepted : refused);
  }
  EXPECT_GT(accepted, 100);
  EXPECT_GT(refused, 100);
  for (size_t size = 0; size < bytes.size(); size += 7) {
    const test::AlignedCopy copy(bytes.substr(0, size));
    ModelFile file;
    EXPECT_FALSE(ModelFile::Read(copy.data(), copy.size(), &file).ok()) << size;
  }
}

}  // namespace
}  // namespace tfopt
