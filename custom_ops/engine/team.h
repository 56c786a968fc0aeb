// Threads that share the steps of a stream and wait for one another several times in each. A step takes from
// ten to a few hundred microseconds, so waiting threads spin.
#ifndef TFOPT_ENGINE_TEAM_H_
#define TFOPT_ENGINE_TEAM_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/aligned.h"

namespace tfopt {

// A step that reads fewer bytes of weights is not worth sharing.
constexpr size_t kLeastBytesToShare = size_t{1} << 20;

// Member 0 is the thread that leads: it publishes work, and stops the others. This starts no threads.
class Team {
 public:
  explicit Team(int members) : members_(static_cast<size_t>(members)) {}

  int size() const { return static_cast<int>(members_.size()); }

  // --- For member 0 ---

  // Says that there is more to do, and shows the others what it wrote before.
  void Publish() { published_.store(++published_by_me_, std::memory_order_release); }
  // Lets go all who wait, now and later.
  void Stop() { stop_.store(true, std::memory_order_release); }

  // --- For every member. False: the team was stopped ---

  // Waits until Publish was called `count` times.
  bool WaitForPublished(uint64_t count) const { return WaitUntil(published_, count); }
  // Waits until all members have called this as often as this one, and sees what they wrote before.
  bool Meet(int member);

 private:
  bool WaitUntil(const std::atomic<uint64_t>& counter, uint64_t value) const;

  // How often a member has called Meet; alone in its cache line, as all others look at it.
  struct Member {
    alignas(kAlignment) std::atomic<uint64_t> meetings{0};
  };

  std::vector<Member> members_;
  alignas(kAlignment) std::atomic<uint64_t> published_{0};
  std::atomic<bool> stop_{false};
  alignas(kAlignment) uint64_t published_by_me_ = 0;  // member 0's own count
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_TEAM_H_
