// What becomes of streams for which there are too few threads, or too little memory. That results are the
// same on any number of threads is for the models' tests.
#include "engine/models/stream_groups.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "engine/team.h"
#include "engine/testing.h"
#include "engine/threads_testing.h"

namespace tfopt {
namespace {

// A model, so to speak.
struct Counter {
  int members = 1;
  int fails_from = 1000;  // the first stream that no memory is left for
};

struct CounterStreams {
  int batch = 0, threads = 1;
};

int SharingThreads(const Counter& model, const CounterStreams&) { return model.members; }

struct CounterRun {
  CounterRun(const Counter& model, const Kernels&, const CounterStreams&, int first, int batch,
             int members = 1)
      : team(members) {
    if (first + batch > model.fails_from) throw std::bad_alloc();
  }
  void Work(int) {
    for (uint64_t count = 1; team.WaitForPublished(count); ++count) {
    }
  }
  void Stop() { team.Stop(); }

  Team team;
};

// How often each stream was stepped.
std::vector<int> Stepped(const Counter& model, int batch, int threads, std::string* error) {
  std::vector<std::atomic<int>> counts(static_cast<size_t>(batch));
  const auto steps = [&](CounterRun*, int first, int group) {
    for (int i = first; i < first + group; ++i) ++counts[static_cast<size_t>(i)];
  };
  *error = RunInGroups<CounterRun>(model, *test::AllKernels().back(), CounterStreams{batch, threads}, steps)
               .message();
  return {counts.begin(), counts.end()};
}

TEST(RunInGroups, StepsEveryStreamOnceOnHoweverManyThreads) {
  std::string error;
  for (int members : {1, 3}) {
    const Counter model = {members};
    const int batch = members > 1 ? 1 : 100;
    const std::vector<int> once(static_cast<size_t>(batch), 1);
    EXPECT_EQ(Stepped(model, batch, 3, &error), once);
    EXPECT_EQ(error, "");
    const test::NoMoreThreads none;
    EXPECT_EQ(Stepped(model, batch, 3, &error), once) << "by the calling thread alone";
    EXPECT_EQ(error, "");
  }
}

TEST(RunInGroups, GivesEveryThreadAsManyGroupsOfLikeSize) {
  const auto sizes = [](int batch, int threads) {
    std::mutex mutex;
    std::vector<int> groups;
    const auto steps = [&](CounterRun*, int, int group) {
      const std::lock_guard<std::mutex> lock(mutex);
      groups.push_back(group);
    };
    EXPECT_TRUE(RunInGroups<CounterRun>(Counter(), *test::AllKernels().back(),
                                        CounterStreams{batch, threads}, steps).ok());
    std::sort(groups.begin(), groups.end());
    return groups;
  };
  EXPECT_EQ(sizes(24, 1), (std::vector<int>{24}));
  EXPECT_EQ(sizes(25, 1), (std::vector<int>{12, 13}));
  EXPECT_EQ(sizes(64, 2), (std::vector<int>{16, 16, 16, 16}));
  EXPECT_EQ(sizes(3, 2), (std::vector<int>{1, 2}));
  EXPECT_EQ(sizes(2, 5), (std::vector<int>{1, 1}));
}

TEST(RunInGroups, SaysThatMemoryRanOut) {
  std::string error;
  Stepped({3, 0}, 1, 3, &error);
  EXPECT_EQ(error, "not enough memory for a batch of 1 streams");
  for (int threads : {1, 3}) {
    Stepped({1, 50}, 100, threads, &error);
    EXPECT_EQ(error, "not enough memory for a batch of 100 streams") << threads;
  }
}

}  // namespace
}  // namespace tfopt
