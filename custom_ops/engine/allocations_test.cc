// Counts allocations by standing in front of the C library's functions. A sanitizer stands there already,
// so then it is asked to tell.
#include <atomic>
#include <cerrno>
#include <cstddef>

#include "engine/testing.h"

namespace {

std::atomic<size_t> allocations{0};

}  // namespace

size_t tfopt::test::Allocations() { return allocations.load(); }

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*,
                                                                           size_t),
                                                         void (*on_free)(const volatile void*));

namespace {

const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, size_t) { ++allocations; }, [](const volatile void*) {});

}  // namespace

#else

// glibc's own functions, under the names that they have for this purpose.
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

void* malloc(size_t size) {
  ++allocations;
  return __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}

void* realloc(void* memory, size_t size) {
  ++allocations;
  return __libc_realloc(memory, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** memory, size_t alignment, size_t size) {
  ++allocations;
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
}

#endif

namespace tfopt {
namespace {

TEST(Allocations, AreCountedHoweverTheyAreMade) {
  size_t before = test::Allocations();
  EXPECT_EQ(test::Allocations(), before);
  const std::vector<int> vector(3);
  EXPECT_EQ(test::Allocations(), ++before) << "new";
#if !defined(__SANITIZE_THREAD__)  // whose hook does not hear of it
  const AlignedFloats aligned(3);
  EXPECT_EQ(test::Allocations(), ++before) << "aligned_alloc";
#endif
  std::free(std::malloc(3));
  EXPECT_GE(test::Allocations(), before) << "a compiler may leave this one out";
}

}  // namespace
}  // namespace tfopt
