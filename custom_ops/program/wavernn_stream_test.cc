#include "program/wavernn_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "engine/sampling/philox.h"
#include "program/testing.h"

namespace tfopt {
namespace {

using ::testing::HasSubstr;

using Floats = std::vector<float>;

struct File {
  explicit File(const test::Sections& sections)
      : copy(test::File(PackedKind::kWavernn, sections)) {
    ModelFile file;
    status = ModelFile::Read(copy.data(), copy.size(), &file);
    if (status.ok()) status = WavernnFile::Read(file, &wavernn);
  }

  test::AlignedCopy copy;
  WavernnFile wavernn;
  Status status;
};

std::string ErrorOf(const test::Sections& sections) { return File(sections).status.message(); }

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

// The audio of all frames, pushed `push` at a time; or an error. `early` gets how many samples there were
// before the last frame was pushed.
Floats Streamed(const WavernnFile& file, const Kernels& kernels, const Floats& frames, int push,
                int64_t most, std::string* error, size_t* early = nullptr) {
  WavernnStream stream(file, kernels, Settings());
  const int channels = file.model.config.mel_channels;
  const int count = static_cast<int>(frames.size()) / channels;
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
    if (early != nullptr && pushed < count) *early = audio.size();
    const int now = std::min(push, count - pushed);
    if (now > 0) stream.Push(frames.data() + pushed * channels, now);
    pushed += now;
    ended = now == 0;
    if (ended) stream.End();
  }
  return audio;
}

// The same in one call of the engine, with all frames at hand.
Floats Whole(const WavernnFile& file, const Kernels& kernels, const Floats& frames) {
  const WavernnConfig& config = file.model.config;
  const MelResnetShape& resnet = file.resnet;
  const int channels = config.mel_channels, hop = file.hop_length;
  const int count = static_cast<int>(frames.size()) / channels;
  const ptrdiff_t zeros = ptrdiff_t{resnet.pad} * channels;
  Floats padded(frames.size() + 2 * static_cast<size_t>(zeros));
  std::copy(frames.begin(), frames.end(), padded.begin() + zeros);

  const int all = (count + 2 * resnet.pad) * hop;
  Floats rows(test::Volume({all, channels}));
  Upsampling upsampling(channels, file.stages);
  upsampling.Push(padded.data(), count + 2 * resnet.pad);
  upsampling.End();
  EXPECT_EQ(upsampling.Take(all, rows.data()), all);
  Floats aux(test::Volume({count, resnet.outputs}));
  MelResnet network(resnet, file.resnet_weights);
  for (ptrdiff_t i = 0; i < count; ++i) {
    network.Compute(kernels, padded.data() + i * channels, aux.data() + i * resnet.outputs);
  }

  const int time = count * hop;
  Floats samples(static_cast<size_t>(time)), uniforms(test::Volume({time, config.uniforms()}));
  Uniforms(Settings().seed, 0, 0, uniforms.size(), uniforms.data());
  AlignedFloats state(file.model.state_bytes / sizeof(float));
  WavernnStreams streams;
  streams.batch = 1;
  streams.time = time;
  streams.mels = rows.data() + zeros * hop;
  streams.aux = aux.data();
  streams.frames = count;
  streams.hop = hop;
  streams.state = reinterpret_cast<uint8_t*>(state.data());
  ResetWavernnState(file.model, 1, streams.state);
  const float last[] = {0.0f, 0.0f};
  EXPECT_EQ(GenerateWavernn(file.model, kernels, streams, last, uniforms.data(),
                            Settings().temperature, samples.data())
                .message(),
            "");
  for (float& sample : samples) {
    if (file.amplitudes.size > 0) sample = file.amplitudes.data[static_cast<size_t>(sample)];
  }
  return samples;
}

TEST(WavernnStream, EqualsTheEngineHoweverItIsCut) {
  for (const auto& [name, config] : Configs()) {
    for (int pad : {0, 1, 3}) {
      const File file(test::WavernnSections(config, pad));
      ASSERT_EQ(file.status.message(), "") << name;
      const Floats frames = test::Random(100 * static_cast<size_t>(config.mel_channels), 5);
      for (const Kernels* kernels : test::AllKernels()) {
        const Floats expected = Whole(file.wavernn, *kernels, frames);
        for (int push : {1, 7, 100}) {
          std::string error;
          const Floats audio = Streamed(file.wavernn, *kernels, frames, push, 100000, &error);
          ASSERT_EQ(error, "") << name;
          ASSERT_EQ(audio.size(), expected.size()) << name;
          ASSERT_TRUE(test::SameBits(audio.data(), expected.data(), audio.size())) << name;
        }
      }
    }
  }
}

TEST(WavernnStream, IsAsLongAsItsFramesOrAsWasAskedFor) {
  const File file(test::WavernnSections(Configs()["odd"]));
  ASSERT_EQ(file.status.message(), "");
  EXPECT_EQ(file.wavernn.hop_length, 6);
  const Kernels& kernels = *test::AllKernels().back();
  for (int count : {0, 1, 2, 9}) {
    const Floats frames = test::Random(5 * static_cast<size_t>(count), 5);
    std::string error;
    size_t early = 0;
    const Floats audio = Streamed(file.wavernn, kernels, frames, 1, 1000, &error, &early);
    EXPECT_EQ(audio.size(), 6 * static_cast<size_t>(count)) << error;
    // All but the frame that is not pushed, and the two that have to be there behind a frame.
    EXPECT_EQ(early, 6 * static_cast<size_t>(std::max(0, count - 3)));
    const Floats less = Streamed(file.wavernn, kernels, frames, 4, 7, &error);
    EXPECT_EQ(less.size(), std::min<size_t>(7, audio.size()));
    EXPECT_TRUE(test::SameBits(less.data(), audio.data(), less.size()));
  }
}

TEST(WavernnFile, WrongSectionsAreRefused) {
  const test::Sections good = test::WavernnSections(Configs()["odd"]);
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
  EXPECT_THAT(with("model", test::WavenetSections()["model"]),
              HasSubstr("expected a packed wavernn, got a wavenet"));
  EXPECT_THAT(with("sample_rate", test::AsBytes<int32_t>({0})), HasSubstr("1 to 1000000, got 0"));
  EXPECT_THAT(with("amplitudes", ""), HasSubstr("32 values, got 0"));
  EXPECT_THAT(with("upsampling.factors", test::AsBytes<int32_t>({3})), HasSubstr("9 values, got 15"));
  EXPECT_THAT(with("resnet.shape", test::AsBytes<int32_t>({2, 17})), HasSubstr("3 values, got 2"));
  EXPECT_THAT(with("resnet.shape", test::AsBytes<int32_t>({-1, 17, 2})),
              HasSubstr("frames on each side from 0 to 100, got -1"));
  EXPECT_THAT(with("resnet.shape", test::AsBytes<int32_t>({2, 0, 2})),
              HasSubstr("channels from 1 to 10000, got 0"));
  EXPECT_THAT(with("resnet.shape", test::AsBytes<int32_t>({2, 17, 1001})),
              HasSubstr("blocks from 0 to 1000, got 1001"));
  EXPECT_THAT(with("resnet.shape", test::AsBytes<int32_t>({100, 10000, 1000})),
              HasSubstr("in section resnet.weights 2"));
  EXPECT_THAT(with("resnet.weights", test::AsBytes(Floats(7))), HasSubstr("values, got 7"));
  Floats weights(good.at("resnet.weights").size() / sizeof(float));
  weights.back() = std::nanf("");
  EXPECT_THAT(with("resnet.weights", test::AsBytes(weights)),
              HasSubstr("in section resnet.weights numbers up to"));
}

// Whatever bits flip, the file is refused, or gives some audio, or says that it cannot.
TEST(WavernnFile, DamagedFilesDoNoHarm) {
  std::mt19937 random(1);
  const test::Bytes bytes =
      test::File(PackedKind::kWavernn, test::WavernnSections(Configs()["split"]));
  int accepted = 0, refused = 0;
  for (int i = 0; i < 1500; ++i) {
    // More often where sizes and settings stand than where weights do.
    test::Bytes flipped = test::Flipped(bytes, &random);
    if (i % 2 == 0) flipped = test::Flipped(bytes.substr(0, 1024), &random) + bytes.substr(1024);
    ModelFile file;
    WavernnFile wavernn;
    const test::AlignedCopy copy(flipped);
    Status status = ModelFile::Read(copy.data(), copy.size(), &file);
    if (status.ok()) status = WavernnFile::Read(file, &wavernn);
    if (status.ok()) {
      std::string error;
      const auto channels = static_cast<size_t>(wavernn.model.config.mel_channels);
      Streamed(wavernn, *test::AllKernels().back(), test::Random(3 * channels, 5), 2, 20, &error);
      if (!error.empty()) status = Status::Invalid(error);
    }
    ++(status.ok() ? accepted : refused);
  }
  EXPECT_GT(accepted, 100);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace tfopt
