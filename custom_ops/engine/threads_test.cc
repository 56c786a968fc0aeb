#include "engine/threads.h"

#include <gtest/gtest.h>

#include <atomic>

#include "engine/threads_testing.h"

namespace tfopt {
namespace {

TEST(Threads, AreAsManyAsTheSystemGives) {
  std::atomic<int> sum{0};
  const auto add = [&](int i) { sum += i; };
  {
    const Threads threads(3, add);
    EXPECT_EQ(threads.size(), 3);
  }
  EXPECT_EQ(sum, 1 + 2 + 3) << "all have returned";
  {
    const test::NoMoreThreads none;
    const Threads threads(3, add);
    EXPECT_EQ(threads.size(), 0);
  }
  EXPECT_EQ(sum, 1 + 2 + 3);
  const Threads threads(1, add);
  EXPECT_EQ(threads.size(), 1);
}

}  // namespace
}  // namespace tfopt
