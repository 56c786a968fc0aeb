// What changes no bit of what a WaveNet computes: chunks, batches, threads.
#include <algorithm>
#include <cstring>
#include <map>
#include <string>
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
      for (int b = 0; b < in.batch; ++b) {
        const std::vector<float> single =
            Generate(*kernels, network, in.Part({{b, 0}}, in.time), in.time);
        EXPECT_TRUE(SameBits(single.data(), whole.data() + b * in.time, single.size()));
      }
    }
  }
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
      const WavenetInputs alone = in.Part({{0, 0}}, before);
      ASSERT_TRUE(WavenetLogits(network.model, kernels, alone.Streams(&first), alone.fed.data(),
                                logits.data()).ok());
      std::memcpy(both.data(), first.data(), bytes);
      const WavenetInputs joined = in.Part({{0, before}, {1, 0}}, together);
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
