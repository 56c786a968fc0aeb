// What changes no bit of what a WaveRNN computes: chunks, batches, threads.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "engine/models/wavernn.h"
#include "engine/models/wavernn_testing.h"
#include "engine/testing.h"
#include "engine/threads.h"
#include "engine/threads_testing.h"

namespace tfopt {
namespace {

using test::AllKernels;
using test::CategoricalWavernn;
using test::Generate;
using test::LargeWavernn;
using test::Logits;
using test::RandomWavernn;
using test::SameBits;
using test::SharedSamples;
using test::Volume;
using test::WavernnConfigs;
using test::WavernnInputs;

TEST(Wavernn, ChunksThreadsAndBatchesChangeNoBit) {
  for (const auto& [name, config] : WavernnConfigs()) {
    const RandomWavernn network(config);
    for (int hop : {1, 7, 100}) {
      const WavernnInputs in(config, 5, 41, hop, hop / 3);
      for (const Kernels* kernels : AllKernels()) {
        SCOPED_TRACE(name + ", hop " + std::to_string(hop) + ", " + IsaName(kernels->isa));
        const std::vector<float> whole = Generate(*kernels, network, in, in.time);
        for (int chunk : {1, 3, 16, 40}) {
          const std::vector<float> parts = Generate(*kernels, network, in, chunk, 1 + chunk % 4);
          EXPECT_TRUE(SameBits(parts.data(), whole.data(), whole.size())) << "chunk " << chunk;
        }
        for (int b = 0; b < in.batch; ++b) {
          const std::vector<float> single =
              Generate(*kernels, network, in.Part(b, 1, 0, in.time), in.time);
          EXPECT_TRUE(SameBits(single.data(), whole.data() + b * in.time, single.size())) << b;
        }
      }
    }
  }
}

// More streams than go in step, of which more are in a block than stay in a cache.
TEST(Wavernn, LargeBatchesAreTheSameStreams) {
  const RandomWavernn network(WavernnConfigs()["split"]);
  const WavernnInputs in(network.config, 61, 20, 4, 1);
  const Kernels& kernels = *AllKernels().back();
  const std::vector<float> all = Logits(kernels, network, in);
  const size_t row = Volume({in.time, network.config.outputs()});
  for (int b : {0, 23, 24, 60}) {
    const std::vector<float> alone = Logits(kernels, network, in.Part(b, 1, 0, in.time));
    EXPECT_TRUE(SameBits(alone.data(), all.data() + static_cast<size_t>(b) * row, row)) << b;
  }
  const std::vector<float> threaded = Logits(kernels, network, in, 3);
  EXPECT_TRUE(SameBits(threaded.data(), all.data(), all.size()));
}

TEST(Wavernn, AStepSharedByThreadsChangesNoBit) {
  std::map<std::string, WavernnConfig> configs;
  for (auto [name, config] : WavernnConfigs()) {
    config.rnn_channels = 192;  // GRUs of three whole tiles, and everything else of any size
    configs[name] = config;
  }
  configs["large enough to be shared"] = LargeWavernn();
  for (const auto& [name, config] : configs) {
    const RandomWavernn network(config);
    const WavernnInputs in(config, 1, 20, 7, 2);
    const Kernels& kernels = *AllKernels().back();
    const std::vector<float> expected = Generate(kernels, network, in, in.time);
    for (int members : {2, 3}) {
      const std::vector<float> samples = SharedSamples(kernels, network, in, members);
      EXPECT_TRUE(SameBits(samples.data(), expected.data(), samples.size()))
          << name << ", " << members << " threads";
    }
  }
}

TEST(Wavernn, AStreamSharedByThreadsGeneratesTheSame) {
  for (const bool split : {false, true}) {
    WavernnConfig config = LargeWavernn();
    if (split) config.output = WavernnOutput::kSplit;
    RandomWavernn network(config);
    const WavernnInputs in(config, 1, 60, 25, 24);
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
    for (float& v : network["fc.1.bias"]) v = 1e38f;
    for (float& v : network[split ? "fine.kernel" : "output.kernel"]) v = 1e38f;
    network.Pack();
    AlignedFloats state = network.State(1);
    const float last[] = {0.0f, 0.0f};
    std::vector<float> samples(60);
    const Status status =
        GenerateWavernn(network.model, *AllKernels().back(), in.Streams(&state, 2), last,
                        in.uniforms.data(), 1.0f, samples.data());
    EXPECT_NE(status.message().find("not finite"), std::string::npos) << status.message();
  }
}

TEST(Wavernn, StepsAreSharedWhereThatPays) {
  const auto threads = [](const WavernnConfig& config, int batch, int most) {
    const RandomWavernn network(config);
    WavernnStreams streams;
    streams.batch = batch;
    streams.threads = most;
    return SharingThreads(network.model, streams);
  };
  EXPECT_EQ(threads(LargeWavernn(), 1, 1), 1);
  EXPECT_EQ(threads(LargeWavernn(), 1, 2), std::min(2, AvailableCpus()));
  EXPECT_EQ(threads(LargeWavernn(), 1, 100), std::min(3, AvailableCpus()));
  EXPECT_EQ(threads(LargeWavernn(), 2, 2), 1) << "a batch has its streams to spread";
  EXPECT_EQ(threads(CategoricalWavernn(7, 3, 128, 128, 8), 1, 2), 1) << "too small";
  EXPECT_EQ(threads(CategoricalWavernn(7, 3, 200, 200, 8), 1, 2), 1) << "no whole tiles";
}

TEST(Wavernn, NothingIsAllocatedOnceTheStepsHaveBegun) {
  for (const auto& [name, config] : WavernnConfigs()) {
    const RandomWavernn network(config);
    SCOPED_TRACE(name);
    test::ExpectNoAllocations(network);
  }
}

}  // namespace
}  // namespace tfopt
