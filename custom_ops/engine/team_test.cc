#include "engine/team.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/threads.h"

namespace tfopt {
namespace {

// Everybody adds up what all wrote before the last meeting; nobody may see an older or a newer number.
TEST(Team, MembersSeeWhatTheOthersWroteBeforeTheyMet) {
  constexpr int kRounds = 50;
  for (int members : {1, 2, 3}) {
    Team team(members);
    ASSERT_EQ(team.size(), members);
    std::vector<int> written(static_cast<size_t>(members));
    std::vector<int> sums(static_cast<size_t>(members));
    const auto rounds = [&](int member) {
      for (int round = 1; round <= kRounds; ++round) {
        written[static_cast<size_t>(member)] = round;
        if (!team.Meet(member)) return;
        for (int w : written) sums[static_cast<size_t>(member)] += w;
        if (!team.Meet(member)) return;
      }
    };
    {
      const Threads others(members - 1, rounds);
      ASSERT_EQ(others.size(), members - 1);
      rounds(0);
    }
    for (int sum : sums) EXPECT_EQ(sum, members * kRounds * (kRounds + 1) / 2);
  }
}

TEST(Team, MembersSeeWhatWasPublished) {
  Team team(3);
  int value = 0;
  int seen[3] = {};
  {
    const Threads others(2, [&](int member) {
      for (uint64_t count = 1; team.WaitForPublished(count); ++count) {
        seen[member] += value;
        if (!team.Meet(member)) return;
      }
    });
    for (value = 1; value <= 3; ++value) {
      team.Publish();
      EXPECT_TRUE(others.size() == 2 && team.Meet(0));
    }
    team.Stop();
  }
  EXPECT_EQ(seen[1], 6);
  EXPECT_EQ(seen[2], 6);
}

TEST(Team, StoppingLetsGoOfThoseWhoWait) {
  Team team(3);
  bool met = true, published = true;
  {
    const Threads others(2, [&](int member) {
      if (member == 1) met = team.Meet(member);  // the other two never come
      if (member == 2) published = team.WaitForPublished(1);
    });
    team.Stop();
  }
  EXPECT_FALSE(met);
  EXPECT_FALSE(published);
}

}  // namespace
}  // namespace tfopt
