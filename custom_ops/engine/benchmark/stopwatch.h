// Measures how long each part of a model's step takes.
#ifndef TFOPT_ENGINE_BENCHMARK_STOPWATCH_H_
#define TFOPT_ENGINE_BENCHMARK_STOPWATCH_H_

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace tfopt {

// Adds up what passes between calls. On x86-64 the counter that the CPU keeps, which takes a third of the
// time of asking the system.
template <class Module, size_t kModules>
class Stopwatch {
 public:
  Stopwatch() : last_(Now()) {}

  // Says that the time since the last call was this module's.
  void Done(Module module) {
    const uint64_t now = Now();
    ticks_[static_cast<size_t>(module)] += now - last_;
    ++calls_[static_cast<size_t>(module)];
    last_ = now;
  }

  uint64_t ticks(size_t module) const { return ticks_[module]; }
  uint64_t calls(size_t module) const { return calls_[module]; }

  static uint64_t Now() {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#else
    return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
  }

 private:
  uint64_t last_;
  std::array<uint64_t, kModules> ticks_{}, calls_{};
};

// Seconds per step of each module, over `steps` calls (at least 1) of step(stopwatch). What reading the clock
// takes is subtracted.
template <class Module, size_t kModules, class Step>
std::array<double, kModules> TimeModules(int steps, Step step) {
  // The least of many rounds: in some of them something else may have had the CPU.
  constexpr int kRounds = 100, kCalls = 100;
  double overhead = std::numeric_limits<double>::infinity();
  for (int round = 0; round < kRounds; ++round) {
    Stopwatch<Module, kModules> empty;  // whose calls have nothing in between
    for (int i = 0; i < kCalls; ++i) empty.Done(Module{});
    overhead = std::min(overhead, static_cast<double>(empty.ticks(0)) / kCalls);
  }

  const auto start = std::chrono::steady_clock::now();
  Stopwatch<Module, kModules> stopwatch;
  const uint64_t first_tick = stopwatch.Now();
  for (int t = 0; t < steps; ++t) step(&stopwatch);
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
  const double seconds_of_a_tick =
      passed.count() / std::max(1.0, static_cast<double>(stopwatch.Now() - first_tick));

  std::array<double, kModules> seconds{};
  for (size_t m = 0; m < kModules; ++m) {
    const double ticks = static_cast<double>(stopwatch.ticks(m)) -
                         overhead * static_cast<double>(stopwatch.calls(m));
    seconds[m] = std::max(0.0, ticks) * seconds_of_a_tick / steps;
  }
  return seconds;
}

}  // namespace tfopt

#endif  // TFOPT_ENGINE_BENCHMARK_STOPWATCH_H_
