#include "engine/team.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include <sched.h>

namespace tfopt {
namespace {

// Spins after which a waiting thread lets others have its CPU: longer than a phase of a step takes.
constexpr int kSpins = 2000;

void Pause() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

bool Team::Meet(int member) {
  std::atomic<uint64_t>& mine = members_[static_cast<size_t>(member)].meetings;
  const uint64_t meeting = mine.load(std::memory_order_relaxed) + 1;
  mine.store(meeting, std::memory_order_release);
  for (const Member& other : members_) {
    if (!WaitUntil(other.meetings, meeting)) return false;
  }
  return true;
}

bool Team::WaitUntil(const std::atomic<uint64_t>& counter, uint64_t value) const {
  for (int spins = 0; counter.load(std::memory_order_acquire) < value; ++spins) {
    if (stop_.load(std::memory_order_acquire)) return false;
    if (spins < kSpins) {
      Pause();
    } else {
      sched_yield();
    }
  }
  return true;
}

}  // namespace tfopt
