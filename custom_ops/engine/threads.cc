#include "engine/threads.h"

#include <sched.h>

#include <algorithm>

namespace tfopt {

int AvailableCpus() {
  cpu_set_t cpus;
  if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0) return std::max(1, CPU_COUNT(&cpus));
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

Threads::Threads(int count, const std::function<void(int)>& work) {
  try {
    threads_.reserve(static_cast<size_t>(std::max(0, count)));
    for (int i = 1; i <= count; ++i) threads_.emplace_back(work, i);
  } catch (...) {
    // No more threads or memory to be had. Those that run have to be joined, so nothing may leave here.
  }
}

Threads::~Threads() {
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace tfopt
