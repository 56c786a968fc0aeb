#include "engine/layers/upsampling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "engine/testing.h"

namespace tfopt {
namespace {

using Rows = std::vector<float>;

// A network with random weights.
struct Network {
  Network(int channel_count, const std::vector<int>& factors, uint32_t seed)
      : channels(channel_count) {
    for (int factor : factors) {
      phases.push_back(test::Random(static_cast<size_t>(3 * factor), seed++));
      hop_length *= factor;
    }
    for (size_t i = 0; i < factors.size(); ++i) stages.push_back({factors[i], phases[i].data()});
  }

  const int channels;
  int hop_length = 1;
  std::vector<Rows> phases;
  std::vector<UpsamplingStage> stages;
};

// One stage after the other over the whole signal.
Rows Reference(const Network& network, Rows signal) {
  const auto channels = static_cast<size_t>(network.channels);
  for (const UpsamplingStage& stage : network.stages) {
    const size_t frames = signal.size() / channels, factor = static_cast<size_t>(stage.factor);
    Rows next(frames * factor * channels);
    for (size_t t = 0; t < frames * factor; ++t) {
      for (size_t c = 0; c < channels; ++c) {
        float sum = 0.0f;
        for (size_t k = 0; k < 3; ++k) {
          const size_t frame = t / factor + k;  // one further than it is
          const bool inside = frame >= 1 && frame <= frames;
          const volatile float product =  // volatile: no multiply-add
              (inside ? signal[(frame - 1) * channels + c] : 0.0f) *
              stage.phases[t % factor * 3 + k];
          sum += product;
        }
        next[t * channels + c] = sum;
      }
    }
    signal = next;
  }
  return signal;
}

// The signal, pushed `push` frames and taken up to `take` rows at a time.
Rows Streamed(const Network& network, const Rows& frames, int push, int take) {
  Upsampling upsampling(network.channels, network.stages);
  const int count = static_cast<int>(frames.size()) / network.channels;
  Rows rows, piece(static_cast<size_t>(take * network.channels));
  const auto take_all = [&] {
    int taken = take;
    while (taken == take) {
      taken = upsampling.Take(take, piece.data());
      rows.insert(rows.end(), piece.begin(), piece.begin() + taken * network.channels);
    }
  };
  for (int first = 0; first < count; first += push) {
    upsampling.Push(frames.data() + first * network.channels, std::min(push, count - first));
    take_all();
  }
  upsampling.End();
  take_all();
  return rows;
}

TEST(Upsampling, AFrameIsSpreadOverItsRowsAndItsNeighbours) {
  const float phases[] = {0.25f, 0.5f, 0.0f, 0.0f, 0.75f, 0.125f};
  Upsampling upsampling(1, {{2, phases}});
  const float frames[] = {8.0f, 16.0f};
  upsampling.Push(frames, 2);
  upsampling.End();
  Rows rows(5);
  ASSERT_EQ(upsampling.Take(5, rows.data()), 4);
  EXPECT_EQ(rows, (Rows{4.0f, 6.0f + 2.0f, 2.0f + 8.0f, 12.0f, 0.0f}));
}

TEST(Upsampling, EqualsTheReferenceHoweverItIsCut) {
  uint32_t seed = 1;
  for (const std::vector<int>& factors :
       {std::vector<int>{}, {1}, {2}, {5}, {3, 2}, {2, 3, 4}, {1, 1, 7}}) {
    for (int channels : {1, 3, 16, 80}) {
      const Network network(channels, factors, seed += 10);
      for (int count : {0, 1, 2, 3, 7}) {
        const Rows frames = test::Random(static_cast<size_t>(count * channels), seed);
        const Rows expected = Reference(network, frames);
        ASSERT_EQ(expected.size(), frames.size() * static_cast<size_t>(network.hop_length));
        for (int push : {1, 2, 7}) {
          for (int take : {1, 4, 1000}) {
            const Rows rows = Streamed(network, frames, push, take);
            ASSERT_EQ(rows.size(), expected.size());
            ASSERT_TRUE(test::SameBits(rows.data(), expected.data(), rows.size()));
          }
        }
      }
    }
  }
}

TEST(Upsampling, EachStageLooksOneOfItsFramesAhead) {
  const Network network(2, {3, 2}, 5);
  Upsampling upsampling(network.channels, network.stages);
  Rows rows(2 * 100);
  const Rows frame = {1.0f, 2.0f};
  std::vector<int> taken;
  for (int i = 0; i < 4; ++i) {
    upsampling.Push(frame.data(), 1);
    taken.push_back(upsampling.Take(100, rows.data()));
  }
  upsampling.End();
  taken.push_back(upsampling.Take(100, rows.data()));
  // With n frames 3 (n - 1) are ready behind the first stage, and one less of them behind the second.
  EXPECT_EQ(taken, (std::vector<int>{0, 4, 6, 6, 8}));
  EXPECT_EQ(upsampling.Take(100, rows.data()), 0);
}

// As soon as they are there a frame has all of its rows, and not before.
TEST(FramesAhead, AreThoseThatAFrameWaitsFor) {
  for (const std::vector<int>& factors :
       {std::vector<int>{}, {1}, {5}, {3, 2}, {2, 2, 2}, {1, 1, 7}, {5, 5, 11}}) {
    const Network network(1, factors, 5);
    const int ahead = FramesAhead(network.stages);
    for (int frames = 1; frames < 10; ++frames) {
      Upsampling upsampling(1, network.stages);
      const Rows zeros(static_cast<size_t>(frames));
      Rows rows(static_cast<size_t>(frames * network.hop_length));
      upsampling.Push(zeros.data(), frames);
      const int ready = upsampling.Take(frames * network.hop_length, rows.data());
      EXPECT_EQ(ready / network.hop_length, std::max(0, frames - ahead)) << factors.size();
    }
  }
}

}  // namespace
}  // namespace tfopt
