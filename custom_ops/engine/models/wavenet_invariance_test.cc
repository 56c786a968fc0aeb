// What changes no bit of what a WaveNet computes: chunks, batches, threads.
#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/models/wavenet.h"
#include "engine/models/wavenet_testing.h"
#include "engine/testing.h"
#include "engine/threads.h"
#include "engine/threads_testing.h"

namespace tfopt {
namespace {

using test::AllKernels;
using test::Generate;
using test::LargeWavenet;
using test::Logits;
using test::RandomWavenet;
using test::SameBits;
using test::SharedLogits;
using test::WavenetConfigs;
using test::WavenetInputs;

TEST(Wavenet, ChunksThreadsAndBatchesChangeNoBit) {
  for (const auto& [name, config] : WavenetConfigs()) {
    const RandomWavenet network(config);
    const WavenetInputs in(config, 5, 41);
    for (const Kernels* kernels : AllKernels()) {
      SCOPED_TRACE(name + ", " + IsaName(kernels->isa));
      const std::vector<float> whole = Generate(*kernels, network, in, in.time);
      for (int chunk : {1, 3, 16, 40}) {
        const std::vector<float> parts = Generate(*kernels, network, in, chunk, 1 + chunk % 4);
        EXPECT_TRUE(SameBits(parts.data(), whole.data(), whole.size())) << "chunk " << chunk;
      }
      WavenetInputs alone(config, 1, in.time);
      const int per_sample = UniformsPerSample(config.output);
      for (int b = 0; b < in.batch; ++b) {
        const auto row = [&](const std::vector<float>& all, int width) {
          return std::vector<float>(all.begin() + b * width, all.begin() + (b + 1) * width);
        };
        alone.conditioning = row(in.conditioning, in.time * config.local_channels);
        alone.speaker = row(in.speaker, config.global_channels);
        alone.uniforms = row(in.uniforms, in.time * per_sample);
        const std::vector<float> single = Generate(*kernels, network, alone, in.time);
        EXPECT_TRUE(SameBits(single.data(), whole.data() + b * in.time, single.size()));
      }
    }
  }
}

// The inputs of some streams at some steps.
WavenetInputs Part(const WavenetConfig& config, const WavenetInputs& in,
                   const std::vector<std::pair<int, int>>& streams_and_starts, int steps) {
  WavenetInputs part(config, static_cast<int>(streams_and_starts.size()), steps);
  const auto cut = [&](const std::vector<float>& whole, int width, std::vector<float>* to) {
    to->clear();
    for (const auto& [stream, start] : streams_and_starts) {
      const auto first = whole.begin() + (stream * in.time + start) * width;
      to->insert(to->end(), first, first + steps * width);
    }
  };
  cut(in.fed, 1, &part.fed);
  cut(in.conditioning, config.local_channels, &part.conditioning);
  part.speaker.clear();
  for (const auto& [stream, start] : streams_and_starts) {
    const auto first = in.speaker.begin() + stream * config.global_channels;
    part.speaker.insert(part.speaker.end(), first, first + config.global_channels);
  }
  return part;
}

TEST(Wavenet, AStreamMayJoinOthersAtAnyStep) {
  for (const auto& [name, config] : WavenetConfigs()) {
    const RandomWavenet network(config);
    const WavenetInputs in(config, 2, 30);
    const Kernels& kernels = *AllKernels().back();
    const std::vector<float> expected = Logits(kernels, network, in);
    const size_t bytes = network.model.state_bytes, width = static_cast<size_t>(config.outputs);
    for (int before : {1, 2, 7, 17}) {
      AlignedFloats first = network.State(1), both = network.State(2);
      const int together = in.time - before;
      std::vector<float> logits(2 * static_cast<size_t>(in.time) * width);
      const WavenetInputs alone = Part(config, in, {{0, 0}}, before);
      ASSERT_TRUE(WavenetLogits(network.model, kernels, alone.Streams(&first), alone.fed.data(),
                                logits.data()).ok());
      std::memcpy(both.data(), first.data(), bytes);
      const WavenetInputs joined = Part(config, in, {{0, before}, {1, 0}}, together);
      const Status status = WavenetLogits(network.model, kernels, joined.Streams(&both, 2),
                                          joined.fed.data(), logits.data());
      ASSERT_TRUE(status.ok()) << status.message();
      const size_t floats = static_cast<size_t>(together) * width, time = static_cast<size_t>(in.time);
      EXPECT_TRUE(SameBits(logits.data(), &expected[static_cast<size_t>(before) * width], floats))
          << name << ", " << before;
      EXPECT_TRUE(SameBits(&logits[floats], &expected[time * width], floats))
          << name << ", " << before;
    }
  }
}

TEST(Wavenet, AStepSharedByThreadsChangesNoBit) {
  std::map<std::string, WavenetConfig> configs = WavenetConfigs();
  configs["large enough to be shared"] = LargeWavenet();
  for (const auto& [name, config] : configs) {
    const RandomWavenet network(config);
    const WavenetInputs in(config, 1, 30);
    const Kernels& kernels = *AllKernels().back();
    const std::vector<float> expected = Logits(kernels, network, in);
    const std::vector<float> given = Logits(kernels, network, in, 2);
    EXPECT_TRUE(SameBits(given.data(), expected.data(), given.size())) << name;
    for (int members : {2, 3, 5}) {
      const std::vector<float> shared = SharedLogits(kernels, network, in, members);
      EXPECT_TRUE(SameBits(shared.data(), expected.data(), shared.size()))
          << name << ", " << members << " threads";
    }
  }
}

TEST(Wavenet, AStreamSharedByThreadsGeneratesTheSame) {
  RandomWavenet network(LargeWavenet());
  const WavenetInputs in(network.config, 1, 60);
  for (const Kernels* kernels : AllKernels()) {
    AlignedFloats state = network.State(1);
    ASSERT_EQ(SharingThreads(network.model, in.Streams(&state, 2)), std::min(2, AvailableCpus()));
    const std::vector<float> alone = Generate(*kernels, network, in, in.time);
    for (int chunk : {7, in.time}) {
      const std::vector<float> shared = Generate(*kernels, network, in, chunk, 2);
      EXPECT_TRUE(SameBits(shared.data(), alone.data(), alone.size())) << chunk;
    }
    const test::NoMoreThreads none;
    const std::vector<float> unshared = Generate(*kernels, network, in, in.time, 2);
    EXPECT_TRUE(SameBits(unshared.data(), alone.data(), alone.size())) << "no thread to share with";
  }
  // One that fails in the middle lets its threads go.
  for (float& v : network.values[network.values.size() - 4]) v = 1e38f;
  for (float& v : network.values[network.values.size() - 2]) v = 1e38f;
  network.Pack();
  AlignedFloats state = network.State(1);
  const float last = 0.0f;
  std::vector<float> samples(60);
  const Status status =
      GenerateWavenet(network.model, *AllKernels().back(), in.Streams(&state, 2), &last, nullptr, 0,
                      in.uniforms.data(), 1.0f, samples.data());
  EXPECT_NE(status.message().find("not finite"), std::string::npos) << status.message();
}

}  // namespace
}  // namespace tfopt
