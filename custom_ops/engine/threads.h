// Threads for the time of one call. Starting one takes some ten microseconds, a call far longer; and a
// process that has none between calls can fork, and leaves nothing running behind.
#ifndef TFOPT_ENGINE_THREADS_H_
#define TFOPT_ENGINE_THREADS_H_

#include <functional>
#include <thread>
#include <vector>

namespace tfopt {

// CPUs that this thread may run on, at least 1.
int AvailableCpus();

class Threads {
 public:
  // Starts work(1), ..., work(count). Fewer run if the system gives no more: see size(). `work` must not
  // throw.
  Threads(int count, const std::function<void(int)>& work);
  // Waits until all have returned.
  ~Threads();
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

  int size() const { return static_cast<int>(threads_.size()); }

 private:
  std::vector<std::thread> threads_;
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_THREADS_H_
