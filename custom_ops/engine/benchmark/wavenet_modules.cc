#include "engine/benchmark/wavenet_modules.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <vector>

#include "engine/aligned.h"

namespace tfopt {
namespace {

// Adds up what passes between calls. On x86-64 the counter that the CPU keeps, which takes a third of the
// time of asking the system.
class Stopwatch {
 public:
  Stopwatch() : last_(Now()) {}

  void Done(WavenetModule module) {
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
  std::array<uint64_t, kWavenetModules> ticks_{}, calls_{};
};

// Ticks between two calls of Done with nothing in between.
double TicksOfACall() {
  constexpr int kCalls = 10000;
  Stopwatch empty;
  for (int i = 0; i < kCalls; ++i) empty.Done(WavenetModule::kInput);
  return static_cast<double>(empty.ticks(0)) / kCalls;
}

}  // namespace

std::array<double, kWavenetModules> TimeWavenetModules(const Wavenet& model, const Kernels& kernels,
                                                       int steps) {
  const WavenetConfig& config = model.config;
  AlignedFloats state(model.state_bytes / sizeof(float));
  const std::vector<float> conditioning(static_cast<size_t>(steps) *
                                        static_cast<size_t>(config.local_channels));
  const std::vector<float> speaker(static_cast<size_t>(config.global_channels));
  WavenetStreams streams;
  streams.batch = 1;
  streams.time = steps;
  streams.conditioning = conditioning.data();
  streams.speaker = speaker.data();
  streams.state = reinterpret_cast<uint8_t*>(state.data());
  ResetWavenetState(model, 1, streams.state);
  WavenetRun run(model, kernels, streams, 0, 1);
  std::minstd_rand random(1);
  float sample = 0.0f;

  const double overhead = TicksOfACall();
  const auto start = std::chrono::steady_clock::now();
  const uint64_t first_tick = Stopwatch::Now();
  Stopwatch stopwatch;
  for (int t = 0; t < steps; ++t) {
    run.Step(&sample, 1, &stopwatch);
    const float uniforms[] = {static_cast<float>(random() >> 8) * 0x1p-23f,
                              static_cast<float>(random() >> 8) * 0x1p-23f};
    const float drawn = run.Draw(0, 1.0f, uniforms);
    sample = drawn == drawn ? drawn : 0.0f;  // weights that overflow are timed all the same
    stopwatch.Done(WavenetModule::kSampling);
  }
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
  const double seconds_of_a_tick =
      passed.count() / std::max(1.0, static_cast<double>(Stopwatch::Now() - first_tick));

  std::array<double, kWavenetModules> seconds{};
  for (size_t m = 0; m < seconds.size(); ++m) {
    const double ticks = static_cast<double>(stopwatch.ticks(m)) -
                         overhead * static_cast<double>(stopwatch.calls(m));
    seconds[m] = std::max(0.0, ticks) * seconds_of_a_tick / steps;
  }
  return seconds;
}

}  // namespace tfopt
