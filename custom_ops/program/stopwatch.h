// How long generating audio takes, told to whoever watches.
#ifndef TFOPT_PROGRAM_STOPWATCH_H_
#define TFOPT_PROGRAM_STOPWATCH_H_

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>

namespace tfopt {

class Stopwatch {
 public:
  // Around the computing of a part, waiting for conditioning left out.
  void Begin() { begin_ = Clock::now(); }
  void End() { computing_ += Clock::now() - begin_; }
  // The first part has left.
  void First() { first_ = Clock::now(); }

  // A line on standard error, if that is a terminal.
  void Report(int64_t samples, int sample_rate) const {
    if (isatty(STDERR_FILENO) != 1 || samples == 0) return;
    const double audio = static_cast<double>(samples) / sample_rate;
    const double computing = Seconds(computing_);
    std::fprintf(stderr,
                 "%.2f s of audio, computed in %.2f s (real-time factor %.2f); "
                 "the first of it came after %.0f ms\n",
                 audio, computing, computing / audio, 1e3 * Seconds(first_ - start_));
  }

 private:
  using Clock = std::chrono::steady_clock;

  static double Seconds(Clock::duration time) {
    return std::chrono::duration<double>(time).count();
  }

  const Clock::time_point start_ = Clock::now();
  Clock::time_point begin_ = start_, first_ = start_;
  Clock::duration computing_ = Clock::duration::zero();
};

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_STOPWATCH_H_
