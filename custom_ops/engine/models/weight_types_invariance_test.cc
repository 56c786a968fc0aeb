// What changes no bit of what models compute with weights of any type: batches, threads, chunks of a call, and
// whether zeros are stored.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/models/wavenet_run.h"
#include "engine/models/weight_types_testing.h"
#include "engine/no_timer.h"
#include "engine/threads.h"

namespace tfopt {
namespace {

using test::AllKernels;
using test::Allocations;
using test::CategoricalWavenet;
using test::CategoricalWavernn;
using test::G2pBatch;
using test::G2pModel;
using test::Generate;
using test::Logits;
using test::RandomWavenet;
using test::RandomWavernn;
using test::SameBits;
using test::SharedLogits;
using test::SharedSamples;
using test::TypeCase;
using test::TypeCases;
using test::WavenetInputs;
using test::WavernnInputs;

// Calls check(network) with the network that `make()` makes, of every type.
template <class Make, class Check>
void ForEveryType(const Make& make, const Check& check) {
  for (const TypeCase& c : TypeCases()) {
    SCOPED_TRACE(c.name);
    auto network = make();
    Prune(&network);
    network.Convert(c.choice);
    check(network);
  }
}

TEST(WeightTypes, ChunksThreadsAndBatchesChangeNoBitOfAWavenet) {
  const WavenetConfig config = test::ConditionedWavenet();
  const WavenetInputs in(config, 5, 24);
  ForEveryType([&] { return RandomWavenet(config); }, [&](const RandomWavenet& network) {
    for (const Kernels* kernels : AllKernels()) {
      SCOPED_TRACE(IsaName(kernels->isa));
      const std::vector<float> whole = Generate(*kernels, network, in, in.time);
      for (int chunk : {1, 7, 16}) {
        const std::vector<float> parts = Generate(*kernels, network, in, chunk, 1 + chunk % 3);
        EXPECT_TRUE(SameBits(parts.data(), whole.data(), whole.size())) << "chunk " << chunk;
      }
      const std::vector<float> single =
          Generate(*kernels, network, in.Part({{0, 0}}, in.time), in.time);
      EXPECT_TRUE(SameBits(single.data(), whole.data(), single.size()));
    }
  });
}

TEST(WeightTypes, ChunksThreadsAndBatchesChangeNoBitOfAWavernn) {
  for (const WavernnConfig& config : test::WavernnsOfEachKind()) {
    const WavernnInputs in(config, 5, 24, 7, 2);
    ForEveryType([&] { return RandomWavernn(config); }, [&](const RandomWavernn& network) {
      for (const Kernels* kernels : AllKernels()) {
        SCOPED_TRACE(IsaName(kernels->isa));
        const std::vector<float> whole = Generate(*kernels, network, in, in.time);
        for (int chunk : {1, 7, 16}) {
          const std::vector<float> parts = Generate(*kernels, network, in, chunk, 1 + chunk % 3);
          EXPECT_TRUE(SameBits(parts.data(), whole.data(), whole.size())) << "chunk " << chunk;
        }
        for (int b : {0, 4}) {
          const std::vector<float> single =
              Generate(*kernels, network, in.Part(b, 1, 0, in.time), in.time);
          EXPECT_TRUE(SameBits(single.data(), whole.data() + b * in.time, single.size())) << b;
        }
      }
    });
  }
}

TEST(WeightTypes, ThreadsAndBatchesChangeNoBitOfAG2p) {
  for (const G2pConfig& config : test::G2psOfBothKinds()) {
    const G2pBatch words = test::RandomWords(config, 60, 9, 1);  // more than go in step
    ForEveryType([&] { return test::RandomG2p(config, 1); }, [&](G2pModel& model) {
      for (const Kernels* kernels : AllKernels()) {
        SCOPED_TRACE(IsaName(kernels->isa));
        const std::vector<int32_t> all = words.Decode(*kernels, model);
        for (int threads : {2, 3}) EXPECT_EQ(words.Decode(*kernels, model, threads), all);
        for (size_t word : {0, 13, 59}) {
          const auto first = all.begin() + static_cast<ptrdiff_t>(word) * config.max_phonemes;
          EXPECT_EQ(G2pBatch({words.words[word]}).Decode(*kernels, model),
                    std::vector<int32_t>(first, first + config.max_phonemes));
        }
      }
      const G2pBatch some = test::RandomWords(config, 7, 9, 1);
      const std::vector<float> together = G2pLogits(*AllKernels().back(), model, some);
      const std::vector<float> alone =
          G2pLogits(*AllKernels().back(), model, G2pBatch({some.words[3]}));
      const size_t phonemes = static_cast<size_t>(config.phonemes);
      for (size_t t = 0; t < static_cast<size_t>(config.max_phonemes); ++t) {
        EXPECT_TRUE(SameBits(&alone[t * phonemes], &together[(t * 7 + 3) * phonemes], phonemes));
      }
    });
  }
}

// --- Steps shared by threads ---

TEST(WeightTypes, AStepSharedByThreadsChangesNoBitOfAWavenet) {
  // Of several tiles, the last of them not whole.
  const WavenetConfig config = CategoricalWavenet(45, 39, 300, 257, 256, {1, 2, 4, 8});
  const WavenetInputs in(config, 1, 15);
  const Kernels& kernels = *AllKernels().back();
  ForEveryType([&] { return RandomWavenet(config); }, [&](const RandomWavenet& network) {
    const std::vector<float> expected = Logits(kernels, network, in);
    for (int members : {1, 2, 3}) {
      const std::vector<float> shared = SharedLogits(kernels, network, in, members);
      EXPECT_TRUE(SameBits(shared.data(), expected.data(), shared.size())) << members << " threads";
    }
  });
}

// There is nothing to read of the skip connections then, and still their biases to add.
TEST(WeightTypes, AStepSharedByThreadsIsTheSameOfAWavenetWhoseSkipsAreAllZero) {
  RandomWavenet network(test::LargeWavenet());
  for (size_t l = 0; l < network.config.dilations.size(); ++l) {
    std::vector<float>& skip = network.values[2 + 8 * l + 6];
    std::fill(skip.begin(), skip.end(), 0.0f);
  }
  network.Pack();
  const WavenetInputs in(network.config, 1, 15);
  const Kernels& kernels = *AllKernels().back();
  network.Convert({WeightType::kFloat32, 1.0f, {}});
  for (const WavenetWeights::Layer& layer : network.model.weights.layers) {
    ASSERT_EQ(BytesOf(layer.skip), 0u);
  }
  const std::vector<float> expected = Logits(kernels, network, in);
  for (int members : {2, 3}) {
    const std::vector<float> shared = SharedLogits(kernels, network, in, members);
    EXPECT_TRUE(SameBits(shared.data(), expected.data(), shared.size())) << members << " threads";
  }
}

TEST(WeightTypes, AStepSharedByThreadsChangesNoBitOfAWavernn) {
  for (WavernnConfig config : test::WavernnsOfEachKind()) {
    config.rnn_channels = 192;  // three whole tiles
    const WavernnInputs in(config, 1, 10, 7, 2);
    const Kernels& kernels = *AllKernels().back();
    ForEveryType([&] { return RandomWavernn(config); }, [&](const RandomWavernn& network) {
      const std::vector<float> expected = Generate(kernels, network, in, in.time);
      for (int members : {1, 2, 3}) {
        const std::vector<float> samples = SharedSamples(kernels, network, in, members);
        EXPECT_TRUE(SameBits(samples.data(), expected.data(), samples.size()))
            << members << " threads";
      }
    });
  }
}

// Sharing pays where there is enough to read, so what is small as bytes is not shared.
TEST(WeightTypes, StreamsOfInt8AreSharedWhereThatPays) {
  const int most = std::min(2, AvailableCpus());
  const Kernels& kernels = *AllKernels().back();
  const auto expect_threads = [&](int threads, auto network, const auto& in) {
    network.Convert({WeightType::kInt8, 0.0f, {}});
    AlignedFloats state = network.State(1);
    EXPECT_EQ(SharingThreads(network.model, in.Streams(&state, 2)), threads);
    const std::vector<float> alone = Generate(kernels, network, in, in.time);
    const std::vector<float> shared = Generate(kernels, network, in, 7, 2);
    EXPECT_TRUE(SameBits(shared.data(), alone.data(), alone.size()));
  };
  for (const auto& [channels, threads] : {std::pair(64, 1), std::pair(128, most)}) {
    WavenetConfig config = test::LargeWavenet();
    config.residual = config.gate = channels;
    expect_threads(threads, RandomWavenet(config), WavenetInputs(config, 1, 30));
  }
  for (const auto& [channels, threads] : {std::pair(192, 1), std::pair(384, most)}) {
    const WavernnConfig config = CategoricalWavernn(7, 3, channels, 100, 8);
    expect_threads(threads, RandomWavernn(config), WavernnInputs(config, 1, 30, 7, 2));
  }
}

// --- What is stored ---

// Whether logits are the same of int8 with and without its zeros.
template <class Make, class Run>
void ExpectZerosChangeNoBit(const Make& make, const Run& logits) {
  auto dense = make(), sparse = make();
  for (auto* network : {&dense, &sparse}) {
    Prune(network);
    network->Convert({WeightType::kInt8, network == &sparse ? 1.0f : 0.0f, {}});
  }
  ASSERT_LT(sparse.Size(), dense.Size());
  for (const Kernels* kernels : AllKernels()) {
    const std::vector<float> expected = logits(*kernels, dense), given = logits(*kernels, sparse);
    EXPECT_TRUE(SameBits(given.data(), expected.data(), expected.size())) << IsaName(kernels->isa);
  }
}

TEST(WeightTypes, LeavingZerosOutChangesNoBitOfInt8) {
  const WavenetConfig wavenet = test::ConditionedWavenet();
  ExpectZerosChangeNoBit([&] { return RandomWavenet(wavenet); },
                         [&](const Kernels& kernels, const RandomWavenet& network) {
                           return Logits(kernels, network, WavenetInputs(wavenet, 2, 20));
                         });
  for (const WavernnConfig& config : test::WavernnsOfEachKind()) {
    ExpectZerosChangeNoBit([&] { return RandomWavernn(config); },
                           [&](const Kernels& kernels, const RandomWavernn& network) {
                             return Logits(kernels, network, WavernnInputs(config, 2, 20));
                           });
  }
  for (const G2pConfig& config : test::G2psOfBothKinds()) {
    const G2pBatch words = test::RandomWords(config, 5, 9, 1);
    ExpectZerosChangeNoBit([&] { return test::RandomG2p(config, 1); },
                           [&](const Kernels& kernels, G2pModel& model) {
                             return test::G2pLogits(kernels, model, words);
                           });
  }
}

TEST(WeightTypes, NothingIsAllocatedOnceTheStepsHaveBegun) {
  for (const WavernnConfig& config : test::WavernnsOfEachKind()) {
    ForEveryType([&] { return RandomWavernn(config); }, test::ExpectNoAllocations);
  }
  const WavenetInputs in(test::ConditionedWavenet(), 3, 40);
  ForEveryType([] { return RandomWavenet(test::ConditionedWavenet()); },
               [&](const RandomWavenet& network) {
                 AlignedFloats state = network.State(in.batch);
                 for (const Kernels* kernels : AllKernels()) {
                   WavenetRun run(network.model, *kernels, in.Streams(&state), 0, in.batch);
                   NoTimer timer;
                   const size_t before = Allocations();
                   for (int t = 0; t < in.time; ++t) run.Step(in.fed.data() + t, in.time, &timer);
                   run.Finish();
                   EXPECT_EQ(Allocations(), before) << IsaName(kernels->isa);
                 }
               });
  for (const G2pConfig& config : test::G2psOfBothKinds()) {
    const G2pBatch words = test::RandomWords(config, 5, 9, 1);
    ForEveryType([&] { return test::RandomG2p(config, 1); }, [&](G2pModel& model) {
      for (const Kernels* kernels : AllKernels()) {
        size_t allocations = 0;
        test::G2pLogits(*kernels, model, words, nullptr, &allocations);
        EXPECT_EQ(allocations, 0u) << IsaName(kernels->isa);
      }
    });
  }
}

}  // namespace
}  // namespace tfopt
