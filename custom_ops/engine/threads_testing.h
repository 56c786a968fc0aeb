// A system that gives no more threads.
#ifndef TFOPT_ENGINE_THREADS_TESTING_H_
#define TFOPT_ENGINE_THREADS_TESTING_H_

#include <gtest/gtest.h>
#include <pthread.h>

#include <cstddef>

namespace tfopt::test {

// While it lives, a new thread asks for a stack that no memory holds, so that none starts.
class NoMoreThreads {
 public:
  NoMoreThreads() {
    EXPECT_EQ(pthread_getattr_default_np(&before_), 0);
    pthread_attr_t endless;
    EXPECT_EQ(pthread_getattr_default_np(&endless), 0);
    EXPECT_EQ(pthread_attr_setstacksize(&endless, size_t{1} << 60), 0);
    EXPECT_EQ(pthread_setattr_default_np(&endless), 0);
    pthread_attr_destroy(&endless);
  }
  ~NoMoreThreads() {
    EXPECT_EQ(pthread_setattr_default_np(&before_), 0);
    pthread_attr_destroy(&before_);
  }
  NoMoreThreads(const NoMoreThreads&) = delete;
  NoMoreThreads& operator=(const NoMoreThreads&) = delete;

 private:
  pthread_attr_t before_;
};

}  // namespace tfopt::test

#endif  // TFOPT_ENGINE_THREADS_TESTING_H_
